#!/usr/bin/env python3
"""rouge, chrf, f1, accuracy, exact_match and loss against rouge_score, sacrebleu and scikit-learn, to the last digits.

Answers are real texts perturbed as a model might, adversarial Unicode, and corner cases: nothing, punctuation alone,
one word ten thousand times. distinct has its closed form, of Li et al. 2016. QUICK=1: fewer texts.
"""

import json
import math
import os
import random
import re
import subprocess
import sys

from bleu_parity import QUICK, adversarial, perturbed, real_texts
from rouge_score import rouge_scorer
from sacrebleu.metrics import CHRF
from support.checks import Checks
from support.environment import BUILD, need_shared_data

PROGRAM = BUILD / "tests" / "support" / "metric_figures"
COUNT = 300 if QUICK else 3_000
LIMIT = 1e-12

CORNERS = [
    ("", ""), ("", "a reference"), ("an answer", ""), (" \n\t", "a"), ("a", "\u3000\u00a0"), ("!!! ...", "?!"), (".", "."),
    ("12 345.67 8", "12 345.67 9"), ("日本語の文章です", "日本語の文です"), ("👍🏽👨‍👩‍👧 ok", "👍 ok"), ("(hi)", "hi"), ("'tis", "tis'"),
    ("5\u212a \u0130stanbul \u1e9e", "5k istanbul SS"), ("e\u0301te\u0301", "été"), ("a\nb\n\nc", "b\na c\n"), ("\x1c\x1d\x1e\x1f\x85", "x"),
    ("word " * 10_000, "word " * 300 + "end"), ("x" * 5_000, "x" * 4_999 + "y"), ("a b " * 500, "b a " * 500),
]


def pairs():
    """Lists of (answer, reference), by name."""
    rng = random.Random(20261123)
    texts = [text for kind in real_texts() for text in rng.sample(kind, min(len(kind), COUNT // 3))]
    yield "real texts, perturbed", [(perturbed(rng, text)[:1_500], text[:1_500]) for text in texts]
    yield "real texts, of others", [(text[:600], other[:600]) for text, other in zip(texts, texts[1:] + texts[:1])]
    yield "adversarial", [(adversarial(rng), adversarial(rng)) for _ in range(COUNT)]
    near = [adversarial(rng, 60) for _ in range(COUNT)]
    yield "adversarial, perturbed", [(perturbed(rng, text), text) for text in near]
    yield "corner cases", CORNERS


def figures(metric, evaluations):
    """What our metric makes of each evaluation, (options, measured)."""
    lines = "".join(json.dumps({"options": options, "measured": measured}) + "\n" for options, measured in evaluations)
    environment = dict(os.environ, PEFT_PLUGIN_PATH=str(BUILD / "plugins"))
    done = subprocess.run([PROGRAM, metric], input=lines.encode(), capture_output=True, check=False, env=environment)
    if done.returncode != 0:
        sys.exit(f"metric_figures failed: {done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def generated(each):
    return [{"prediction": answer, "reference": reference} for answer, reference in each]


def difference(ours, theirs):
    """The largest; infinite where one of the two is no number and the other is."""
    def of(a, b):
        if a == "n/a" or math.isnan(b):
            return 0.0 if a == "n/a" and math.isnan(b) else math.inf
        return abs(a - b)
    return max((of(a, b) for a, b in zip(ours, theirs, strict=True)), default=math.inf)


def compare_rouge(checks, name, each):
    kinds = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
    for stemmer in (False, True):
        scorer = rouge_scorer.RougeScorer(kinds, use_stemmer=stemmer)
        expected = [scorer.score(reference, answer) for answer, reference in each]
        ours = figures("rouge", [({"stemmer": stemmer}, generated([one])) for one in each])
        for kind in kinds:
            checks.add(f"{kind}{', stemmed' if stemmer else ''}: {name}, {len(each)}",
                       difference([one[kind] for one in ours], [one[kind].fmeasure for one in expected]), LIMIT)
        whole = figures("rouge", [({"stemmer": stemmer}, generated(each))])[0]
        means = [math.fsum(one[kind].fmeasure for one in expected) / len(each) for kind in kinds]
        checks.add(f"their means{', stemmed' if stemmer else ''}: {name}", difference([whole[kind] for kind in kinds], means), LIMIT)


def compare_chrf(checks, name, each):
    for order in (0, 1, 2):
        metric = CHRF(word_order=order)
        expected = [metric.corpus_score([answer], [[reference]]).score for answer, reference in each]
        ours = figures("chrf", [({"word_order": order}, generated([one])) for one in each])
        checks.add(f"chrF2{'+' * order}: {name}, {len(each)}", difference([one["chrf"] for one in ours], expected), 100 * LIMIT)
        answers, references = zip(*each)
        whole = figures("chrf", [({"word_order": order}, generated(each))])[0]["chrf"]
        corpus = metric.corpus_score(answers, [references])
        checks.add(f"chrF2{'+' * order} of the corpus: {name}", difference([whole], [corpus.score]), 100 * LIMIT)
        printed = corpus.format(score_only=True)
        checks.equal(f"as printed: {name}", f"{whole:.{len(printed.partition('.')[2])}f}", printed)


def compare_distinct(checks, name, each):
    words = [answer.split() for answer, _ in each]
    bigrams = {pair for one in words for pair in zip(one, one[1:])}
    total = sum(map(len, words))
    expected = [len({word for one in words for word in one}) / total, len(bigrams) / total] if total else [math.nan] * 2
    ours = figures("distinct", [({}, generated(each))])[0]
    checks.add(f"distinct-1 and -2: {name}", difference([ours["distinct_1"], ours["distinct_2"]], expected), 0)


def compare_exact_match(checks, name, each):
    answers, references = zip(*each)
    white = re.compile(r"^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+\Z")
    lower = str.maketrans({chr(c): chr(c + 32) for c in range(65, 91)})
    for ignore in (False, True):
        form = (lambda text: white.sub("", text).translate(lower)) if ignore else (lambda text: white.sub("", text))
        expected = sum(form(a) == form(b) for a, b in each) / len(each)
        ours = figures("exact_match", [({"ignore_case": ignore}, generated(each))])[0]["exact_match"]
        checks.add(f"exact_match{', case ignored' if ignore else ''}: {name}", difference([ours], [expected]), 0)


def labels(rng, classes, biased):
    """True and predicted labels; some classes may never be true, or never predicted."""
    size = rng.randrange(1, 60)
    truth = rng.sample(range(classes), rng.randrange(1, classes + 1))
    guesses = rng.sample(range(classes), rng.randrange(1, classes + 1))
    true = [rng.choice(truth) for _ in range(size)]
    return true, [label if biased and rng.random() < 0.6 else rng.choice(guesses) for label in true]


def compare_labels(checks):
    try:
        from sklearn.metrics import accuracy_score, f1_score, log_loss
    except ImportError:
        print("scikit-learn is not there: accuracy, f1 and loss are not compared (tests/parity/requirements.txt has it)")
        return
    rng = random.Random(20261124)
    for classes in (2, 3, 7):
        each = [labels(rng, classes, biased=i % 2 == 0) for i in range(COUNT // 3)]
        measured = [[{"label": a, "predicted_label": b} for a, b in zip(*one)] for one in each]
        ours = figures("accuracy", [({}, one) for one in measured])
        checks.add(f"accuracy, {classes} classes, {len(each)}", difference([one["accuracy"] for one in ours],
                                                                         [accuracy_score(*one) for one in each]), LIMIT)
        for average in ["macro", "micro", "weighted"] + (["binary"] if classes == 2 else []):
            expected = [f1_score(*one, average=average, zero_division="warn") for one in each]
            ours = figures("f1", [({"average": average}, one) for one in measured])
            checks.add(f"f1 {average}, {classes} classes, {len(each)}", difference([one["f1"] for one in ours], expected), LIMIT)
        shares = [[[share / sum(row) for share in row] for row in ([rng.random() + 1e-3 for _ in range(classes)] for _ in one[0])]
                  for one in each]
        scored = [[{"negative_log_likelihood": -math.log(row[label]), "tokens": 1} for row, label in zip(rows, one[0])]
                  for rows, one in zip(shares, each)]
        expected = [log_loss(one[0], rows, labels=range(classes)) for one, rows in zip(each, shares)]
        ours = figures("loss", [({}, one) for one in scored])
        checks.add(f"loss, {classes} classes, {len(each)}", difference([one["loss"] for one in ours], expected), LIMIT)


def main():
    need_shared_data()
    checks = Checks("metrics against rouge_score, sacrebleu and scikit-learn")
    for name, each in pairs():
        compare_rouge(checks, name, each)
        compare_chrf(checks, name, each)
        compare_distinct(checks, name, each)
        compare_exact_match(checks, name, each)
    compare_labels(checks)
    checks.finish()


if __name__ == "__main__":
    main()
