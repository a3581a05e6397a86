#!/usr/bin/env python3
"""Every kind of tokenizer against Hugging Face's: ids, special tokens, pairs, decoding, streaming; and time, one thread.

Real vocabularies where there are any (BERT's, T5's, MiniLM's with PEFT_MINILM, its folder); for the Llama kind GPT-2's
in the stages of Qwen2, Llama-3 and SmolLM, and a byte-fallback BPE trained on the spot. QUICK=1: fewer texts.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import make_tokenizer_kinds as kinds
from tokenizer_parity import PROGRAM, QUICK, SHARED, SURROGATES, imdb, openassistant, random_text
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import BertTokenizer, T5Tokenizer

COUNT = 300 if QUICK else 5_000


def dialogues():
    """Whole dialogues, a turn a line."""
    with open(SHARED / "data" / "dialogues" / "sgd_train.jsonl", encoding="utf-8") as file:
        for line, _ in zip(file, range(COUNT)):
            yield "\n".join(f"{turn['role']}: {turn['content']}" for turn in json.loads(line)["messages"])


def code():
    """Source files of the Python that runs this."""
    files = sorted(Path(os.__file__).parent.rglob("*.py"))
    for file in files[:: max(1, len(files) // COUNT)][:COUNT]:
        yield file.read_text(encoding="utf-8", errors="replace")[:4_000]


def clusters(rng):
    """Code points that grapheme clusters are made of, in any order: which of them are one character changes what T5 reads."""
    parts = ("a", "½", "™", "①", "é", "\r", "\n", "\u0301", "\u0308", "\u1ad6", "\u0903", "\u093c", "\u094d", "\u0915", "\u0958",
             "\u200c", "\u200d", "\u200b", "\u0600", "\u00a9", "\u2764", "\ufe0f", "\U0001f469", "\U0001f3fd", "\U0001f1e9",
             "\u1100", "\u1161", "\u11a8", "\uac00", "\uac01", "\ufdfa", "\uff76", "\uff9e")
    return "".join(rng.choice(parts) for _ in range(rng.randrange(1, 40)))


def code_points():
    """Every code point behind a letter and in front of a mark, where there is more than ideographs and nothing."""
    codes = [code for code in (*range(0x20000), *range(0xE0000, 0xE0200)) if code not in SURROGATES]
    if QUICK:
        codes = codes[:0x3000]
    return ["".join(f"½{chr(code)}\u0301 " for code in codes[i:i + 256]) for i in range(0, len(codes), 256)]


def texts():
    """Real texts of several kinds, and random Unicode."""
    rng = random.Random(20261122)
    adversarial = [random_text(rng) for _ in range(COUNT)]
    specials = ("[CLS]", "[SEP]", "<s>", "</s>", "<unk>", "<pad>", "<extra_id_7>", "▁", "<0x0A>", "\u1112\u1161\u11ab", "ﬁ", "①")
    adversarial += [random_text(rng) + rng.choice(specials) + random_text(rng) for _ in range(COUNT // 5)]
    return {"reviews": imdb(min(COUNT, 2_000)), "messages": openassistant()[:: 41_305 // COUNT][:COUNT],
            "dialogues": list(dialogues())[: COUNT // 2], "code": list(code()), "random Unicode": adversarial,
            "clusters": [clusters(rng) for _ in range(COUNT)], "all code points": code_points()}


def run_ours(folder, given):
    """What our program makes of the texts."""
    lines = "".join(json.dumps(text) + "\n" for text in given)
    done = subprocess.run([PROGRAM, folder, "--all"], input=lines.encode(), capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"tokenize_lines failed: {done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.splitlines()], json.loads(done.stderr)


def run_theirs(reference, given, shown):
    """What Hugging Face's tokenizer makes of them, and the seconds of CPU that encoding took."""
    reference.no_padding()
    reference.no_truncation()
    started = time.process_time()
    encoded = [reference.encode(text, add_special_tokens=False).ids for text in given]
    seconds = time.process_time() - started
    special = [reference.encode(text).ids for text in given]
    pairs = [reference.encode(text, text).ids for text in given]
    reference.encode_special_tokens = True
    ordinary = [reference.encode(text, add_special_tokens=False).ids for text in given]
    reference.encode_special_tokens = False
    found = []
    for i, ids in enumerate(encoded):
        text = shown(reference.decode(special[i], skip_special_tokens=True))
        found.append({"ids": ids, "ordinary": ordinary[i], "special": special[i], "pair": pairs[i],
                      "decoded": shown(reference.decode(special[i], skip_special_tokens=False)), "decoded_text": text,
                      "streamed": text})
    return found, seconds


def compare(name, folder, reference, given, shown=lambda text: text):
    """Whether all that ours gives is what theirs gives, on every kind of text."""
    same = True
    for kind, some in given.items():
        theirs, their_seconds = run_theirs(reference, some, shown)
        ours, figures = run_ours(folder, some)
        wrong = [(i, key) for i, expected in enumerate(theirs) for key in expected if ours[i][key] != expected[key]]
        megabytes, our_seconds = figures["bytes"] / 1e6, figures["encode_seconds"]
        print(f"{name}, {kind}: {len(some)} texts, {sum(len(one['ids']) for one in theirs)} tokens: "
              f"{len({i for i, _ in wrong})} differ; {megabytes / our_seconds:.1f} MB/s, Hugging Face "
              f"{megabytes / their_seconds:.2f} MB/s, {their_seconds / our_seconds:.1f} times as fast", flush=True)
        for i, key in wrong[:3]:
            print(f"  {key} of {some[i]!r}\n  ours     {ours[i][key]!r}\n  expected {theirs[i][key]!r}")
        same = same and not wrong
    return same


def bert(parent, given):
    """BERT's vocabulary: uncased, and as a model that keeps case and accents has it; MiniLM's own folder."""
    for name, config in (("uncased", {}), ("cased", {"do_lower_case": False, "tokenize_chinese_chars": False}),
                         ("accents kept", {"strip_accents": False})):
        folder = parent / f"bert {name}"
        folder.mkdir()
        shutil.copyfile(SHARED / "tokenizers" / "bert_uncased_vocab.txt", folder / "vocab.txt")
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
        yield compare(f"BERT {name}", folder, BertTokenizer.from_pretrained(folder).backend_tokenizer, given)
    if minilm := os.environ.get("PEFT_MINILM"):
        yield compare("MiniLM", minilm, Tokenizer.from_file(str(Path(minilm) / "tokenizer.json")), given)


def t5(parent, given):
    """T5's SentencePiece model, and what transformers makes of it as tokenizer.json."""
    folder, saved = parent / "t5", parent / "t5 saved"
    folder.mkdir()
    shutil.copyfile(SHARED / "tokenizers" / "t5_spiece.model", folder / "spiece.model")
    tokenizer = T5Tokenizer.from_pretrained(folder)
    tokenizer.save_pretrained(saved)
    yield compare("T5, spiece.model", folder, tokenizer.backend_tokenizer, given)
    yield compare("T5, tokenizer.json", saved, tokenizer.backend_tokenizer, given)
    config = json.loads((saved / "tokenizer_config.json").read_text())
    (saved / "tokenizer_config.json").write_text(json.dumps({**config, "clean_up_tokenization_spaces": True}))
    yield compare("T5, spaces cleaned up", saved, tokenizer.backend_tokenizer, given, kinds.clean_up)


def byte_level(parent, given):
    """GPT-2's vocabulary in other models' stages; the last pattern only a regular expression knows."""
    vocab = json.loads((SHARED / "tokenizers" / "gpt2_vocab.json").read_text(encoding="utf-8"))
    lines = (SHARED / "tokenizers" / "gpt2_merges.txt").read_text(encoding="utf-8").split("\n")[1:]
    merges = [tuple(line.split(" ")) for line in lines if line]
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    digits = pre_tokenizers.Digits(individual_digits=True)
    for name, first, normalizer in (
            ("Qwen2", kinds.split(kinds.QWEN2), normalizers.NFC()), ("Llama-3", kinds.split(kinds.LLAMA3), None),
            ("SmolLM", digits, None), ("by PCRE2", kinds.split(kinds.LLAMA3.replace("{1,3}", "{1,4}")), None)):
        tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges, ignore_merges=name == "Llama-3"))
        if normalizer:
            tokenizer.normalizer = normalizer
        last = pre_tokenizers.ByteLevel(add_prefix_space=False) if name == "SmolLM" else whole
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([first, last])
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.add_special_tokens(["<|endoftext|>"])
        folder = parent / name
        folder.mkdir()
        tokenizer.save(str(folder / "tokenizer.json"))
        yield compare(f"stages of {name}", folder, tokenizer, given)


def byte_fallback(parent, given):
    """Llama-2's stages of both ages, on a vocabulary trained on the messages."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Metaspace()
    trained.train_from_iterator(openassistant()[:4_000], trainers.BpeTrainer(vocab_size=16_000, limit_alphabet=300,
                                                                            show_progress=False))
    described = kinds.with_byte_tokens(json.loads(trained.to_str()))
    for legacy in (False, True):
        tokenizer = kinds.with_llama_stages(described, legacy)
        folder = parent / f"llama {legacy}"
        folder.mkdir()
        tokenizer.save(str(folder / "tokenizer.json"))
        yield compare(f"stages of Llama-2{', legacy' if legacy else ''}", folder, tokenizer, given)


def main():
    """Compares all of them, or those that are named."""
    if not (SHARED / "tokenizers" / "t5_spiece.model").exists():
        print(f"no tokenizers in {SHARED}")
        sys.exit(77)
    groups = {group.__name__: group for group in (bert, byte_level, byte_fallback, t5)}
    given = texts()
    passed = []
    with tempfile.TemporaryDirectory() as temporary:
        for name in sys.argv[1:] or groups:
            passed += groups[name](Path(temporary), given)
    sys.exit(0 if passed and all(passed) else 1)


if __name__ == "__main__":
    main()
