#!/usr/bin/env python3
"""BLEU and 13a words of bleu_corpora against sacrebleu's: perturbed real texts, adversarial Unicode, tiny corpora."""

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import sacrebleu

SHARED = Path(os.environ["PEFT_SHARED_DATA"])
PROGRAM = Path(os.environ["PEFT_BUILD"]) / "tests" / "support" / "bleu_corpora"
QUICK = bool(os.environ.get("QUICK"))

# What 13a looks at, what surrounds it, and what Python takes for white space.
PIECES = (
    *"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", *"0123456789", *"abcABC", " ", "  ", "\n", "-\n", "\r\n", "\t", "\v", "\f",
    "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "\u1680", "\u180e", *map(chr, range(0x2000, 0x2010)), "\u2028",
    "\u2029", "\u202f", "\u205f", "\u2060", "\u3000", "\ufeff", "&quot;", "&amp;", "&lt;", "&gt;", "&amp;quot;", "&apos;",
    "&", ";", "<skipped>", "<skip<skipped>ped>", "--\n\n", "...", ",,", "1,5", "3.", ".4", "5-", "-6", "é", "ß", "日本", "。",
    "，", "٣", "²", "½", "—", "’", "…", "👍🏽", "e\u0301", "\u0660.", "\x00", "\x7f", "\U0010ffff", "\u00c2", "\u00a4.", "\u0080,",
)


def real_texts():
    """Sentences and short texts of several kinds, by file."""
    folder = SHARED / "data"
    with open(folder / "openassistant" / "oasst1_en_validation.jsonl", encoding="utf-8") as file:
        yield [json.loads(line)["text"] for line in file]
    with open(folder / "imdb" / "imdb_test_5000.csv", encoding="utf-8", newline="") as file:
        yield [row["text"][:600] for row in csv.DictReader(file)]
    with open(folder / "summarization" / "bbc_news_summary.csv", encoding="utf-8", newline="") as file:
        yield [row["summary"] for row in csv.DictReader(file)]


def perturbed(rng, text):
    """What a model might have said instead: words dropped, repeated, swapped; cut; nothing at all; pieces thrown in."""
    words = text.split(" ")
    for _ in range(rng.randrange(0, 1 + len(words) // 3)):
        at = rng.randrange(len(words))
        change = rng.randrange(5)
        if change == 0 and len(words) > 1:
            del words[at]
        elif change == 1:
            words.insert(at, words[at])
        elif change == 2:
            other = rng.randrange(len(words))
            words[at], words[other] = words[other], words[at]
        elif change == 3:
            words[at] += rng.choice(PIECES)
        else:
            words[at] = words[at].lower()
    if rng.random() < 0.2:
        words = words[: rng.randrange(1 + len(words))]
    return " ".join(words) if rng.random() > 0.01 else ""


def adversarial(rng, longest=30):
    def any_character():
        code = rng.choice((rng.randrange(0x110000), rng.randrange(0x3000), rng.randrange(0x100)))
        return " " if 0xD800 <= code < 0xE000 else chr(code)
    return "".join(any_character() if rng.random() < 0.2 else rng.choice(PIECES) for _ in range(rng.randrange(longest)))


def run(lines, *arguments):
    done = subprocess.run([PROGRAM, *arguments], input="".join(json.dumps(line) + "\n" for line in lines).encode(),
                          capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bleu_corpora failed: {done.stderr.decode()}")
    return done.stdout.decode().splitlines()


def compare_words(name, texts):
    tokenizer = sacrebleu.metrics.BLEU().tokenizer
    wrong = [(text, ours, theirs) for text, ours, theirs in
             ((text, json.loads(line), tokenizer(text.rstrip()).split())
              for text, line in zip(texts, run(texts, "--words"), strict=True)) if ours != theirs]
    print(f"13a, {name}: {len(texts)} texts, {len(wrong)} differ")
    for text, ours, theirs in wrong[:3]:
        print(f"  {text!r}\n  ours     {ours}\n  expected {theirs}")
    return not wrong


def compare_scores(name, corpora):
    printed = 0
    largest = 0.0
    for pairs, line in zip(corpora, run(corpora), strict=True):
        metric = sacrebleu.metrics.BLEU(force=True)
        expected = metric.corpus_score([h for h, _ in pairs], [[r for _, r in pairs]])
        ours = float(line)
        largest = max(largest, abs(ours - expected.score))
        printed += f"{ours:.2f}" != expected.format(score_only=True)
    print(f"BLEU, {name}: {len(corpora)} corpora of {max(map(len, corpora))} pairs at most: "
          f"{printed} differ as printed, largest difference {largest:.1e}")
    return printed == 0 and largest < 1e-9


def main():
    if not (SHARED / "data").exists():
        print(f"no data in {SHARED}")
        sys.exit(77)
    passed = []
    sources = list(real_texts())
    everything = [text for texts in sources for text in texts]
    passed.append(compare_words("real texts", everything))
    rng = random.Random(20240607)
    passed.append(compare_words("random Unicode", [adversarial(rng) for _ in range(2_000 if QUICK else 60_000)]))
    for seed in range(1 if QUICK else 5):
        rng = random.Random(seed)
        corpora = [[(perturbed(rng, text), text) for text in rng.sample(texts, 500)] for texts in sources]
        passed.append(compare_scores(f"real texts perturbed, seed {seed}", corpora))
        corpora = []
        for _ in range(200 if QUICK else 2_000):
            references = [adversarial(rng) for _ in range(rng.randrange(1, 6))]
            corpora.append([(rng.choice((text, adversarial(rng), perturbed(rng, text))), text) for text in references])
        passed.append(compare_scores(f"random Unicode, seed {seed}", corpora))
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
