#!/usr/bin/env python3
"""Loss curves against transformers and PEFT: ragged batches of real text, every method alone and together."""

import sys

from support.checks import Checks, relative
from support.curves import MIDDLE, SMALL, STEPS, UNTIED, WIDE, Case, column, compare, tensor_distance, weights_of
from support.environment import QUICK, need_shared_data, scratch
from support.host import Run, recipe
from support.reference import build

LORA = ("lora", {"rank": 4, "alpha": 16})
PREFIX = ("prefix", {"tokens": 5})
PROJECTED = ("prefix", {"tokens": 5, "projection": True})
PROMPT = ("prompt", {"tokens": 6})


CASES = [
    Case("lora, fused", [LORA], SMALL, quick=True),
    Case("lora, fused", [LORA], MIDDLE, {"clip": 0.05, "schedule": "cosine", "weight_decay": 0.1}, seed=2),
    Case("lora, fused", [("lora", {"rank": 8, "alpha": 32, "init": "gaussian"})], WIDE,
         {"batch_size": 3, "accumulate": 2, "warmup": 3, "clip": 0.5}, seed=3),
    Case("lora, rsLoRA, four targets",
         [("lora", {"rank": 4, "alpha": 12, "use_rslora": True,
                    "targets": ["attn.qkv", "attn.out", "mlp.in", "mlp.out"]})],
         MIDDLE, {"clip": 0.5, "weight_decay": 0.05}, seed=4, quick=True),
    Case("lora, four targets", [("lora", {"rank": 2, "targets": ["attn.qkv", "attn.out", "mlp.in", "mlp.out"]})],
         UNTIED, {"schedule": "constant", "clip": 0.0}, seed=5),
    Case("lora, slices", [("lora", {"rank": 4, "alpha": 16, "targets": ["attn.q", "attn.v"]})], WIDE,
         {"clip": 0.5, "accumulate": 2, "batch_size": 2}, seed=6, quick=True),
    Case("prefix, flat", [PREFIX], SMALL, {"learning_rate": 5e-2, "schedule": "constant"}, quick=True),
    Case("prefix, flat", [PREFIX], MIDDLE, {"weight_decay": 0.1, "batch_size": 5, "accumulate": 2}, seed=2),
    Case("prefix, flat", [("prefix", {"tokens": 12})], WIDE, {"schedule": "cosine", "learning_rate": 5e-2}, seed=3),
    Case("prefix, projected", [PROJECTED], SMALL, {"weight_decay": 0.1}, quick=True),
    Case("prefix, projected", [("prefix", {"tokens": 3, "projection": True, "projection_hidden": 100})], MIDDLE,
         {"schedule": "cosine", "accumulate": 2}, seed=2),
    Case("prefix, projected", [PROJECTED], WIDE, {"clip": 0.0}, seed=3),
    Case("prompt", [PROMPT], SMALL, {"learning_rate": 5e-2}, {"train_on": "all"}, quick=True),
    Case("prompt", [("prompt", {"tokens": 4, "init": "sample_vocab"})], MIDDLE, {"weight_decay": 0.1}, seed=2),
    Case("prompt", [("prompt", {"tokens": 9})], WIDE, {"schedule": "cosine", "accumulate": 3}, seed=3),
    Case("full", [("full", {})], SMALL, {"clip": 0.5, "weight_decay": 0.1}, quick=True),
    Case("full", [("full", {})], UNTIED, {"schedule": "cosine", "accumulate": 2}, {"train_on": "all"}, seed=2),
    Case("full, biases", [("full", {"targets": ["**.bias"]})], WIDE, {"clip": 0.5, "weight_decay": 0.1}, seed=3),
    Case("lora and prefix", [LORA, PREFIX], SMALL, quick=True),
    Case("prefix and lora", [PREFIX, LORA], MIDDLE, {"schedule": "cosine", "accumulate": 2}, seed=2),
    Case("lora and prefix", [LORA, PREFIX], WIDE, {"weight_decay": 0.1, "learning_rate": 5e-3}, seed=3),
    Case("lora, projected prefix, prompt", [LORA, PROJECTED, PROMPT], WIDE, {"weight_decay": 0.1, "accumulate": 2},
         {"train_on": "all"}, seed=4, quick=True),
    Case("lora on slices, prefix", [("lora", {"rank": 4, "targets": ["attn.q", "attn.v"]}), PREFIX], MIDDLE, seed=5),
    Case("two prefixes, two prompts",
         [PREFIX, PROMPT, ("prefix", {"name": "more", "tokens": 2}), ("prompt", {"name": "again", "tokens": 3})], SMALL,
         seed=6),
]


def compare_accumulation(title, methods, folder, checks):
    """Eight examples at once, or two at a time: masks of dropout belong to the example, not to its batch."""
    weights = weights_of(MIDDLE, 7, folder)
    runs = [Run(recipe(weights, methods, folder / f"accumulate{accumulate}", STEPS, None,
                       {"batch_size": 8 // accumulate, "accumulate": accumulate, "learning_rate": 1e-2}))
            for accumulate in (1, 4)]
    losses = [column(run.steps(), "loss") for run in runs]
    checks.add(f"{title}: loss, 4 · 2 examples against 8", relative(losses[1], losses[0]), 1e-6)
    checks.add(f"{title}: tensors after {STEPS} steps", tensor_distance(*(run.tensors(STEPS) for run in runs)), 1e-5)


def main():
    need_shared_data()
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    checks = Checks(f"loss curves, {STEPS} AdamW steps of ragged batches, against transformers and PEFT")
    folder = scratch()
    for number, case in enumerate(CASES):
        if only in case.name and (case.quick or not QUICK):
            compare(case, case.name, build, folder / str(number), checks)
    dropout = {"lora": {"rank": 4, "alpha": 16, "dropout": 0.1, "targets": ["attn.qkv", "mlp.in"]}}
    if only in "accumulation":
        compare_accumulation("dropout 0.1", [dropout], folder, checks)
        compare_accumulation("dropout 0.1 and prefix", [dropout, {"prefix": {"tokens": 4}}], folder, checks)
    checks.finish()


if __name__ == "__main__":
    main()
