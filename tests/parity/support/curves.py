"""Loss curves of a recipe and of its reference.

Both start from the same tensors: the first step of warm-up has a learning rate of zero, so the checkpoint after it holds
what the run began with. The reference reads the conversations itself, with Hugging Face's tokeniser.
"""

import re
from dataclasses import dataclass, field

import torch

from . import models, openassistant
from .checks import relative
from .environment import CONVERSATIONS, NANO_GPT2, scratch
from .host import Run, recipe
from .models import Shape
from .reference import load_tensors
from .training import train_reference

SMALL, MIDDLE, WIDE = Shape(2, 48, 4), Shape(4, 64, 2), Shape(3, 128, 8)
UNTIED = Shape(2, 48, 4, tied=False)

STEPS = 13


@dataclass
class Case:
    name: str
    methods: list  # (plugin, options)
    shape: Shape = SMALL
    train: dict = field(default_factory=dict)
    data: dict = field(default_factory=dict)
    seed: int = 1
    quick: bool = False  # part of the short form


def named(methods):
    return [(options.get("name", kind), kind, options) for kind, options in methods]


def column(lines, key):
    return [line[key] for line in lines]


def tokens_and_rates(lines):
    return [(line["tokens"], f"{line['learning_rate']:.9g}") for line in lines]


def weights_of(shape, seed, folder):
    weights = folder / re.sub(r"\W+", "-", f"{shape} {seed} {'tied' if shape.tied else 'untied'}")
    return weights if weights.exists() else models.save(models.random_model(shape, seed), weights)


KEY_BIASES = ("c_attn.bias", "attn.qkv.bias")


def without_key_biases(name, tensor):
    """A bias of all keys adds the same to all scores: its gradient is rounding alone, of which AdamW makes full steps."""
    return torch.cat([tensor.chunk(3)[0], tensor.chunk(3)[2]]) if name.endswith(KEY_BIASES) else tensor


def tensor_distance(ours, theirs):
    """The largest distance of two tensors, relative to their length."""
    distances = []
    for method, tensors in theirs.items():
        for name, tensor in tensors.items():
            a, b = (without_key_biases(name, t.detach().flatten()) for t in (ours[method][name], tensor))
            distances.append(((a - b).norm() / b.norm()).item())
    return max(distances)


def compare(case, name, build, folder, checks):
    """`build` makes the reference of a model and (name, plugin, options) of each method."""
    train = {"batch_size": 4, "learning_rate": 1e-2, "schedule": "linear", "warmup": 2, "clip": 0.005, **case.train}
    weights = weights_of(case.shape, case.seed, scratch())
    content = recipe(weights, [{kind: options} for kind, options in case.methods], folder, STEPS, case.data, train,
                     case.seed)
    run = Run(content)
    reference = build(models.load(weights), named(case.methods))
    load_tensors(reference, run.tensors(step=1))
    encoder = openassistant.Encoder(NANO_GPT2, case.data.get("train_on", "replies"))
    theirs = train_reference(reference, encoder.examples(CONVERSATIONS, content["data"]["max_length"]), train, STEPS)
    ours = run.steps()

    clipped = sum(norm > train["clip"] > 0 for norm in column(theirs, "grad_norm"))
    title = f"{name} ({case.shape}; {clipped} clipped)"
    checks.add(f"{title}: loss", relative(column(ours, "loss"), column(theirs, "loss")), 1e-5)
    checks.add(f"{title}: grad_norm", relative(column(ours, "grad_norm"), column(theirs, "grad_norm")), 1e-4)
    checks.add(f"{title}: tensors after {STEPS} steps", tensor_distance(run.tensors(STEPS), reference.found), 1e-4)
    checks.equal(f"{title}: tokens, learning rates", tokens_and_rates(ours), tokens_and_rates(theirs))
