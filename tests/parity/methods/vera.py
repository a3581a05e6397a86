"""VeRA: PEFT's own, whose random matrices are drawn by PEFT, not taken from us."""

import torch
from peft import VeraConfig, get_peft_model
from support import models
from support.curves import MIDDLE, SMALL, UNTIED, WIDE, Case
from support.host import Run, recipe
from support.methods import Folder
from support.reference import MODULES, Adapted

PLAIN = ("vera", {"rank": 16})
DEFAULT = ("vera", {})
EVERYWHERE = ("vera", {"rank": 24, "d_initial": 0.3, "projection_prng_key": 5,
                       "targets": ["attn.qkv", "attn.out", "mlp.in", "mlp.out"]})
DRAWN = ("vera", {"rank": 16, "projection_prng_key": 3, "save_projection": False, "targets": ["mlp.in", "mlp.out"]})

CURVES = [
    Case("one site", [PLAIN], SMALL, {"learning_rate": 5e-2}, quick=True),
    Case("as it comes", [DEFAULT], MIDDLE, {"weight_decay": 0.1, "accumulate": 2}, seed=2),
    Case("four sites", [EVERYWHERE], WIDE, {"clip": 0.5, "schedule": "cosine"}, seed=3),
    Case("four sites", [EVERYWHERE], UNTIED, {"clip": 0.0, "weight_decay": 0.1}, {"train_on": "all"}, seed=4),
    Case("matrices drawn again", [DRAWN], MIDDLE, {"batch_size": 3}, seed=5, quick=True),
]
FOLDERS = [Folder("four sites", EVERYWHERE, quick=True), Folder("matrices drawn again", DRAWN)]
MERGED = [Folder("four sites", EVERYWHERE, quick=True)]


def reference(model, options):
    targets = options.get("targets", ["attn.qkv"])
    wrapped = get_peft_model(model, VeraConfig(
        task_type="CAUSAL_LM", r=options.get("rank", 256), d_initial=options.get("d_initial", 0.1),
        projection_prng_key=options.get("projection_prng_key", 0),
        save_projection=options.get("save_projection", True), target_modules=[MODULES[role] for role in targets],
        fan_in_fan_out=True))
    tensors = {}
    for layer, block in enumerate(wrapped.base_model.model.transformer.h):
        for role in targets:
            module = block.get_submodule(MODULES[role])
            tensors[f"h.{layer}.{role}.lambda_d"] = module.vera_lambda_d["default"]
            tensors[f"h.{layer}.{role}.lambda_b"] = module.vera_lambda_b["default"]
    found = Adapted("vera", wrapped, tensors)
    found.beside = ("A", "B")
    return found


def more(checks, weights, folder):
    for name, (kind, options) in (("as it comes", DEFAULT), ("four sites", EVERYWHERE)):
        ours = Run(recipe(weights, [{kind: options}], folder / name.replace(" ", "-"))).tensors(1)["vera"]
        theirs = reference(models.load(weights), options).model.base_model
        for matrix, drawn in (("A", theirs.vera_A["default"]), ("B", theirs.vera_B["default"])):
            checks.equal(f"vera, {name}: {matrix}, drawn here and by PEFT, bit for bit",
                         torch.equal(ours[matrix], drawn), True)
