"""LayerNorm tuning: PEFT's LN_TUNING."""

import warnings
from fnmatch import fnmatch

from peft import LNTuningConfig, get_peft_model
from support.curves import MIDDLE, SMALL, UNTIED, WIDE, Case
from support.methods import Folder
from support.reference import Adapted

ALL = ("norms", {})
IN_BLOCKS = ("norms", {"targets": ["transformer.h.*.ln_1", "transformer.h.*.ln_2"]})

CURVES = [
    Case("all norms", [ALL], SMALL, {"weight_decay": 0.1}, quick=True),
    Case("all norms", [ALL], MIDDLE, {"clip": 0.5, "schedule": "cosine", "accumulate": 2}, seed=2),
    Case("all norms", [ALL], UNTIED, {"clip": 0.0, "weight_decay": 0.1}, {"train_on": "all"}, seed=3),
    Case("those in blocks", [IN_BLOCKS], WIDE, {"weight_decay": 0.1, "batch_size": 3}, seed=4),
]
FOLDERS = [Folder("all norms", ALL, quick=True), Folder("those in blocks", IN_BLOCKS)]
MERGED = [Folder("all norms", ALL, quick=True)]


# PEFT's, about every kind of layer that is not linear.
warnings.filterwarnings("ignore", message="Unsupported layer type", module="peft")


def reference(model, options):
    def trained(name):
        return any(fnmatch(name, pattern) for pattern in options.get("targets", ["*"]))

    norms = [name for name, _ in model.named_modules() if name.split(".")[-1].startswith("ln_") and trained(name)]
    wrapped = get_peft_model(model, LNTuningConfig(task_type="CAUSAL_LM", target_modules=norms))
    copies = {norm: wrapped.base_model.model.get_submodule(norm).ln_tuning_layers["default"] for norm in norms}
    return Adapted("norms", wrapped, {f"{norm}.{quantity}": getattr(copy, quantity)
                                      for norm, copy in copies.items() for quantity in ("weight", "bias")})
