"""BitFit: PEFT has it not as a method; transformers' own biases, trained alone."""

from support.curves import MIDDLE, SMALL, UNTIED, WIDE, Case
from support.methods import Folder
from support.reference import own_tensors

ALL = ("bitfit", {})
ATTENTION = ("bitfit", {"targets": ["transformer.h.*.attn.**"]})

CURVES = [
    Case("all biases", [ALL], SMALL, {"weight_decay": 0.1}, quick=True),
    Case("all biases", [ALL], MIDDLE, {"clip": 0.5, "schedule": "cosine", "accumulate": 2}, seed=2),
    Case("all biases", [ALL], UNTIED, {"clip": 0.0, "weight_decay": 0.1}, {"train_on": "all"}, seed=3),
    Case("those of attention", [ATTENTION], WIDE, {"weight_decay": 0.1}, seed=4),
]
MERGED = [Folder("all biases", ALL, quick=True)]


def reference(model, options):
    part = ".attn." if "targets" in options else "."
    return own_tensors("bitfit", model, lambda name: name.endswith(".bias") and part in name)
