#!/usr/bin/env python3
"""Loss curves against transformers and PEFT: ragged batches of real text, every method alone and together.

Both start from the same tensors: the first step of warm-up has a learning rate of zero, so the checkpoint after it holds
what the run began with. The reference reads the conversations itself, with Hugging Face's tokeniser.
"""

import sys
from dataclasses import dataclass, field

import torch

from support import models, openassistant
from support.checks import Checks, relative
from support.environment import CONVERSATIONS, NANO_GPT2, QUICK, need_shared_data, scratch
from support.host import Run, recipe
from support.models import Shape
from support.reference import build, load_tensors
from support.training import train_reference

SMALL, MIDDLE, WIDE = Shape(2, 48, 4), Shape(4, 64, 2), Shape(3, 128, 8)
UNTIED = Shape(2, 48, 4, tied=False)

STEPS = 13
LORA = ("lora", {"rank": 4, "alpha": 16})
PREFIX = ("prefix", {"tokens": 5})
PROJECTED = ("prefix", {"tokens": 5, "projection": True})
PROMPT = ("prompt", {"tokens": 6})


@dataclass
class Case:
    name: str
    methods: list
    shape: Shape = SMALL
    train: dict = field(default_factory=dict)
    data: dict = field(default_factory=dict)
    seed: int = 1
    quick: bool = False  # part of the short form


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


def named(methods):
    return [(options.get("name", kind), kind, options) for kind, options in methods]


def column(lines, key):
    return [line[key] for line in lines]


def tokens_and_rates(lines):
    return [(line["tokens"], f"{line['learning_rate']:.9g}") for line in lines]


def weights_of(shape, seed, folder):
    weights = folder / f"{shape.layers}-{shape.width}-{seed}{'' if shape.tied else '-untied'}"
    return weights if weights.exists() else models.save(models.random_model(shape, seed), weights)


def without_key_biases(name, tensor):
    """A bias of all keys adds the same to all scores: its gradient is rounding alone, of which AdamW makes full steps."""
    return torch.cat([tensor.chunk(3)[0], tensor.chunk(3)[2]]) if name.endswith("c_attn.bias") else tensor


def tensor_distance(ours, theirs):
    """The largest distance of two tensors, relative to their length."""
    distances = []
    for method, tensors in theirs.items():
        for name, tensor in tensors.items():
            a, b = (without_key_biases(name, t.detach()) for t in (ours[method][name], tensor))
            distances.append(((a - b).norm() / b.norm()).item())
    return max(distances)


def compare(case, number, folder, checks):
    train = {"batch_size": 4, "learning_rate": 1e-2, "schedule": "linear", "warmup": 2, "clip": 0.005, **case.train}
    weights = weights_of(case.shape, case.seed, folder)
    content = recipe(weights, [{kind: options} for kind, options in case.methods], folder / f"run{number}", STEPS,
                     case.data, train, case.seed)
    run = Run(content)
    reference = build(models.load(weights), named(case.methods))
    load_tensors(reference, run.tensors(step=1))
    encoder = openassistant.Encoder(NANO_GPT2, case.data.get("train_on", "replies"))
    theirs = train_reference(reference, encoder.examples(CONVERSATIONS, content["data"]["max_length"]), train, STEPS)
    ours = run.steps()

    clipped = sum(norm > train["clip"] > 0 for norm in column(theirs, "grad_norm"))
    title = f"{case.name} ({case.shape}; {clipped} clipped)"
    checks.add(f"{title}: loss", relative(column(ours, "loss"), column(theirs, "loss")), 1e-5)
    checks.add(f"{title}: grad_norm", relative(column(ours, "grad_norm"), column(theirs, "grad_norm")), 1e-4)
    checks.add(f"{title}: tensors after {STEPS} steps", tensor_distance(run.tensors(STEPS), reference.found), 1e-4)
    checks.equal(f"{title}: tokens, learning rates", tokens_and_rates(ours), tokens_and_rates(theirs))


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
            compare(case, number, folder, checks)
    dropout = {"lora": {"rank": 4, "alpha": 16, "dropout": 0.1, "targets": ["attn.qkv", "mlp.in"]}}
    if only in "accumulation":
        compare_accumulation("dropout 0.1", [dropout], folder, checks)
        compare_accumulation("dropout 0.1 and prefix", [dropout, {"prefix": {"tokens": 4}}], folder, checks)
    checks.finish()


if __name__ == "__main__":
    main()
