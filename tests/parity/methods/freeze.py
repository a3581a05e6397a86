"""Partial freezing: PEFT has it not; transformers' own tensors, trained from some block on."""

from fnmatch import fnmatch

from support.curves import MIDDLE, SMALL, UNTIED, WIDE, Case
from support.methods import Folder
from support.reference import own_tensors

LAST = ("freeze", {})
TWO_AND_NORM = ("freeze", {"layers": 2, "final_norm": True})
HEAD = ("freeze", {"layers": 0, "head": True, "final_norm": True})
EMBEDDINGS = ("freeze", {"embeddings": True})
GLOBS = ("freeze", {"layers": 1, "targets": ["transformer.h.0.mlp.**"]})

CURVES = [
    Case("the last block", [LAST], SMALL, {"weight_decay": 0.1, "clip": 0.5}, quick=True),
    Case("two blocks and the final norm", [TWO_AND_NORM], MIDDLE, {"clip": 0.5, "schedule": "cosine"}, seed=2),
    Case("two blocks and the final norm", [TWO_AND_NORM], WIDE, {"accumulate": 2, "weight_decay": 0.1}, seed=3),
    Case("head and final norm", [HEAD], UNTIED, {"weight_decay": 0.1, "clip": 0.5}, {"train_on": "all"}, seed=4),
    Case("head, which is the embedding", [HEAD], SMALL, {"clip": 0.5}, seed=5),
    Case("a block and the embeddings", [EMBEDDINGS], MIDDLE, {"weight_decay": 0.1, "clip": 0.5}, seed=6),
    Case("a block and globs", [GLOBS], WIDE, {"clip": 0.5, "batch_size": 3}, seed=7),
]
MERGED = [Folder("two blocks and the final norm", TWO_AND_NORM, quick=True)]


def reference(model, options):
    first = model.config.n_layer - options.get("layers", 1)
    patterns = [f"transformer.h.{layer}.*" for layer in range(first, model.config.n_layer)]
    if options.get("final_norm"):
        patterns.append("transformer.ln_f.*")
    if options.get("embeddings"):
        patterns += ["transformer.wte.*", "transformer.wpe.*"]
    if options.get("head"):
        patterns.append("transformer.wte.*" if model.config.tie_word_embeddings else "lm_head.*")
    patterns += [target.replace("**", "*") for target in options.get("targets", [])]
    return own_tensors("freeze", model, lambda name: any(fnmatch(name, pattern) for pattern in patterns))
