#!/usr/bin/env python3
"""Writes tests/unit/data/parity/references.json: logits and loss curves of transformers and PEFT on tiny GPT-2s, which
tests/unit/reference_test.cpp reproduces without Python. Weights are not stored: a formula makes them on both sides.
"""

import json

import numpy
import peft
import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel

from support.environment import ROOT
from support.reference import build, logits_of
from support.training import train_reference

OUTPUT = ROOT / "tests" / "unit" / "data" / "parity" / "references.json"
VOCABULARY, POSITIONS = 31, 48
STEPS = 13

SHAPES = [{"layers": 2, "width": 16, "heads": 4}, {"layers": 3, "width": 24, "heads": 2},
          {"layers": 1, "width": 20, "heads": 5}]
LORA = {"plugin": "lora", "options": {"rank": 3, "alpha": 6.0}}
SLICES = {"plugin": "lora", "options": {"rank": 2, "alpha": 8.0, "targets": ["attn.q", "attn.v"]}}
EVERYWHERE = {"plugin": "lora", "options": {"rank": 2, "alpha": 4.0, "use_rslora": True,
                                            "targets": ["attn.qkv", "attn.out", "mlp.in", "mlp.out"]}}
PREFIX = {"plugin": "prefix", "options": {"tokens": 3}}
PROJECTED = {"plugin": "prefix", "options": {"tokens": 3, "projection": True, "projection_hidden": 10}}
PROMPT = {"plugin": "prompt", "options": {"tokens": 4}}
FULL = {"plugin": "full", "options": {}}
BIASES = {"plugin": "full", "options": {"targets": ["**.bias"]}}

# Name, shape, methods, how to train.
CASES = [
    ("lora", 0, [LORA], {"clip": 0.5}),
    ("lora on four targets, rsLoRA", 1, [EVERYWHERE], {"weight_decay": 0.1, "schedule": "cosine"}),
    ("lora on slices", 2, [SLICES], {"accumulate": 2, "batch_size": 2}),
    ("prefix", 1, [PREFIX], {"clip": 0.05}),
    ("projected prefix", 0, [PROJECTED], {"weight_decay": 0.1, "clip": 0.05}),
    ("prompt", 2, [PROMPT], {"schedule": "constant", "clip": 0.05}),
    ("full", 0, [FULL], {"weight_decay": 0.1, "clip": 0.5}),
    ("biases", 1, [BIASES], {"weight_decay": 0.1}),
    ("lora and prefix", 0, [LORA, PREFIX], {"clip": 0.1}),
    ("prefix and lora", 1, [PREFIX, LORA], {"accumulate": 2, "schedule": "cosine"}),
    ("lora, projected prefix, prompt", 2, [LORA, PROJECTED, PROMPT], {"weight_decay": 0.1, "clip": 0.1}),
]


def noise(number, shape):
    """Element i of tensor `number`, in [-0.5, 0.5): a hash in 32-bit integers, the same in any language."""
    i = numpy.arange(int(numpy.prod(shape)), dtype=numpy.uint64)
    mask = numpy.uint64(0xFFFFFFFF)
    x = (i * numpy.uint64(2654435761) + numpy.uint64(number) * numpy.uint64(2246822519)) & mask
    for shift, factor in ((15, 2246822519), (13, 3266489917)):
        x = ((x ^ (x >> numpy.uint64(shift))) * numpy.uint64(factor)) & mask
    x ^= x >> numpy.uint64(16)
    return torch.from_numpy((x.astype(numpy.float64) / 2**32 - 0.5).reshape(shape))


def fill(parameters, first):
    """Every tensor by its place in the order of names; norms around one."""
    with torch.no_grad():
        for number, (name, parameter) in enumerate(sorted(parameters)):
            middle = 1.0 if ".ln_" in name and name.endswith("weight") else 0.0
            parameter.copy_((middle + 0.8 * noise(first + number, tuple(parameter.shape))).float())


def base(shape):
    config = GPT2Config(vocab_size=VOCABULARY, n_positions=POSITIONS, n_embd=shape["width"], n_layer=shape["layers"],
                        n_head=shape["heads"], resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
    model = GPT2LMHeadModel._from_config(config, attn_implementation="eager")
    fill(model.named_parameters(), 1)
    return model


def examples():
    """Ragged, with targets from different places on; every third begins with one."""
    rng = numpy.random.default_rng(2)
    found = []
    for number in range(14):
        ids = rng.integers(0, VOCABULARY, size=int(rng.integers(2, 16))).tolist()
        first = 0 if number % 3 == 0 else int(rng.integers(0, len(ids) - 1))
        found.append((ids, [-100] * first + ids[first:]))
    return found


def rounded(numbers):
    return [float(f"{number:.8g}") for number in numbers]


def reference_of(shape, methods):
    named = [(method["plugin"], method["plugin"], method["options"]) for method in methods]
    reference = build(base(shape), named)
    if methods[0]["plugin"] != "full":
        for number, parameters in enumerate(reference.found.values()):
            fill(parameters.items(), 1000 * (number + 1))
    return reference


def make_case(name, shape, methods, changes, data):
    train = {"batch_size": 4, "accumulate": 1, "learning_rate": 1e-2, "schedule": "linear", "warmup": 2,
             "weight_decay": 0.0, "clip": 1.0, **changes}
    reference = reference_of(shape, methods)
    logits = logits_of(reference, [data[0][0], data[1][0]])
    lines = train_reference(reference.train(), data, train, STEPS)
    clipped = sum(line["grad_norm"] > train["clip"] for line in lines)
    print(f"{name}: loss {lines[0]['loss']:.4f} to {lines[-1]['loss']:.4f}, {clipped} of {STEPS} steps clipped")
    return {"name": name, "shape": shape, "methods": methods, "train": {**train, "steps": STEPS},
            "logits": [rounded(row) for row in logits.tolist()],
            **{key: rounded(line[key] for line in lines) for key in ("loss", "grad_norm", "learning_rate")},
            "tokens": [line["tokens"] for line in lines]}


def main():
    data = examples()
    content = {
        "made_with": f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}",
        "vocabulary": VOCABULARY, "positions": POSITIONS,
        "examples": [{"ids": ids, "labels": labels} for ids, labels in data],
        "cases": [make_case(name, SHAPES[shape], methods, changes, data) for name, shape, methods, changes in CASES]}
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    # A line a case and a line an example: differences can be read.
    text = json.dumps(content)
    for begin in ('{"name"', '{"ids"'):
        text = text.replace(begin, "\n" + begin)
    OUTPUT.write_text(text + "\n", encoding="utf-8")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
