#!/usr/bin/env python3
"""GPT-2's logits against transformers': several shapes, and every form the weight folders come in."""

import random

import torch

from support import models
from support.checks import Checks, largest
from support.environment import NANO_GPT2, QUICK, need_shared_data, scratch
from support.host import dump_logits, recipe, write_recipe
from support.models import Shape

SMALL = Shape(2, 48, 4)


def sequences(shape, count=6):
    """One token, the longest there can be, and lengths between."""
    rng = random.Random(5)
    lengths = [1, shape.positions, *(rng.randrange(2, shape.positions) for _ in range(count - 2))]
    return [[rng.randrange(shape.vocabulary) for _ in range(length)] for length in lengths]


def reference_logits(folder, inputs):
    model = models.load(folder)
    with torch.no_grad():
        return torch.cat([model(torch.tensor([ids])).logits[0] for ids in inputs])


def folders(parent):
    """(what, shape, folder)."""
    for seed, shape in enumerate((SMALL, Shape(4, 64, 2), Shape(3, 128, 8))):
        yield f"{shape}", shape, models.save(models.random_model(shape, seed), parent / f"plain{seed}")
    for activation in ("gelu", "relu", "gelu_pytorch_tanh"):
        shape = Shape(2, 48, 4, activation=activation)
        yield activation, shape, models.save(models.random_model(shape, 3), parent / activation)
    untied = Shape(2, 48, 4, tied=False)
    yield "head not tied", untied, models.save(models.random_model(untied, 4), parent / "untied")
    sharded = models.save(models.random_model(SMALL, 5), parent / "sharded", max_shard_size="400KB")
    assert models.is_sharded(sharded)
    yield "in several files", SMALL, sharded
    yield "the hub's names and leftovers", SMALL, models.save_hub_style(models.random_model(SMALL, 6), parent / "hub")
    yield "stored in bfloat16", SMALL, models.save(models.random_model(SMALL, 7).bfloat16(), parent / "bf16")
    yield "stored in float16", SMALL, models.save(models.random_model(SMALL, 8).half(), parent / "fp16")
    if not QUICK:
        medium = Shape(24, 1024, 16, positions=1024, vocabulary=50257, deviation=0.02)
        yield "GPT-2 Medium's shape", medium, models.save(models.random_model(medium, 9), parent / "medium")


def main():
    need_shared_data()
    checks = Checks("logits of GPT-2 against transformers")
    parent = scratch()
    found = [*folders(parent), ("nano, trained", Shape(6, 256, 4, positions=512), NANO_GPT2)]
    for name, shape, folder in found:
        inputs = sequences(shape, 3 if shape.layers > 6 else 6)
        path = write_recipe(recipe(folder, [{"lora": {}}], parent / "runs" / folder.name))
        ours = dump_logits(path, inputs, parent / "logits.safetensors", base=True)
        theirs = reference_logits(folder, inputs)
        checks.add(f"{name} (to {theirs.abs().max():.0f})", largest(ours, theirs), 1e-4)
    checks.finish()


if __name__ == "__main__":
    main()
