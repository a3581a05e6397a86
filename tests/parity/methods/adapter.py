"""Bottleneck adapters by hand, where AdapterHub's library puts them into GPT-2: PEFT has none of them."""

import json
import os
import subprocess
from pathlib import Path

from safetensors.torch import load_file
from support.checks import largest
from support.curves import MIDDLE, SMALL, UNTIED, WIDE, Case
from support.environment import ROOT
from support.folders import SEQUENCES, train
from support.host import dump_logits, host, recipe, write_recipe
from support.reference import Adapted, freeze
from torch import nn
from torch.nn import functional
from transformers.activations import ACT2FN

PFEIFFER = ("adapter", {"kind": "pfeiffer"})
HOULSBY = ("adapter", {"kind": "houlsby"})
PARALLEL = ("adapter", {"kind": "parallel"})
CHOSEN = ("adapter", {"kind": "houlsby", "reduction_factor": 3, "non_linearity": "gelu", "scale": 0.7,
                      "leave_out": ["h.0.**", "h.1.attn.*"]})
WIDENING = ("adapter", {"kind": "pfeiffer", "reduction_factor": 0.5, "non_linearity": "leakyrelu"})
QUIET = ("adapter", {"kind": "parallel", "scale": 0.5, "non_linearity": "gelu_new"})

CURVES = [
    Case("pfeiffer", [PFEIFFER], SMALL, {"weight_decay": 0.1}, quick=True),
    Case("pfeiffer", [PFEIFFER], MIDDLE, {"clip": 0.5, "schedule": "cosine"}, seed=2),
    Case("pfeiffer, widening", [WIDENING], UNTIED, {"clip": 0.0, "accumulate": 2}, {"train_on": "all"}, seed=3),
    Case("houlsby", [HOULSBY], SMALL, {"clip": 0.5}, quick=True),
    Case("houlsby", [HOULSBY], WIDE, {"accumulate": 2, "weight_decay": 0.1}, seed=2),
    Case("houlsby, non-default", [CHOSEN], MIDDLE, {"learning_rate": 3e-2, "batch_size": 3}, seed=3),
    Case("parallel", [PARALLEL], SMALL, {"weight_decay": 0.1}, quick=True),
    Case("parallel", [PARALLEL], WIDE, {"clip": 0.5, "schedule": "cosine"}, seed=2),
    Case("parallel, non-default", [QUIET], MIDDLE, {"accumulate": 2}, seed=3),
]

# (what is read, non-linearity, factor, scale)
KINDS = {"pfeiffer": ("sum", "relu", 16, 1.0), "houlsby": ("output", "swish", 16, 1.0),
         "parallel": ("residual", "relu", 2, 4.0)}
LEFT_OUT = {"h.0.**": [(0, "attn"), (0, "mlp")], "h.1.attn.*": [(1, "attn")]}


class Bottleneck(nn.Module):
    def __init__(self, width, kind, options):
        super().__init__()
        self.reads, activation, factor, scale = KINDS[kind]
        hidden = max(1, int(width / options.get("reduction_factor", factor)))
        self.down, self.up = nn.Linear(width, hidden), nn.Linear(hidden, width)
        activation = options.get("non_linearity", activation)
        self.activation = functional.leaky_relu if activation == "leakyrelu" else ACT2FN[activation]
        self.scale = options.get("scale", scale)

    def forward(self, residual, output):
        x = {"sum": residual + output, "output": output, "residual": residual}[self.reads]
        return output + self.scale * self.up(self.activation(self.down(x)))


def reference(model, options):
    freeze(model)
    kind = options["kind"]
    left_out = [place for pattern in options.get("leave_out", []) for place in LEFT_OUT[pattern]]
    tensors = {}
    for layer, block in enumerate(model.transformer.h):
        for place, norm in (("attn", block.ln_1), ("mlp", block.ln_2)):
            if (place == "attn" and kind != "houlsby") or (layer, place) in left_out:
                continue
            bottleneck = Bottleneck(model.config.n_embd, kind, options)
            insert(bottleneck, norm, getattr(block, place))
            tensors |= {f"h.{layer}.{place}.residual.{name}": parameter
                        for name, parameter in bottleneck.named_parameters()}
    return Adapted("adapter", model, tensors)


def insert(bottleneck, norm, sublayer):
    """The residual stream is what the norm in front of the sub-layer reads."""
    seen = {}

    def output(_, __, y):
        if isinstance(y, tuple):
            return (bottleneck(seen["residual"], y[0]), *y[1:])
        return bottleneck(seen["residual"], y)

    norm.register_forward_pre_hook(lambda _, x: seen.update(residual=x[0]))
    sublayer.register_forward_hook(output)


# Ours, and what AdapterHub's library calls the same.
SAVED = [
    ({"kind": "pfeiffer"}, {"kind": "pfeiffer"}),
    ({"kind": "houlsby", "reduction_factor": 4, "leave_out": ["h.1.**"]},
     {"kind": "houlsby", "reduction_factor": 4, "leave_out": [1]}),
    ({"kind": "parallel", "scale": 0.5, "non_linearity": "gelu"},
     {"kind": "parallel", "scaling": 0.5, "non_linearity": "gelu"}),
]


def adapter_hub(verb, weights, folder, parent, *more):
    """Logits of its library, which a Python of its own has: PEFT_ADAPTERS names the environment's folder."""
    (parent / "ids.json").write_text(json.dumps(SEQUENCES))
    python = Path(os.environ["PEFT_ADAPTERS"]) / "bin" / "python"
    script = ROOT / "tests" / "parity" / "support" / "adapter_hub.py"
    output = parent / f"{verb}.safetensors"
    subprocess.run([python, script, verb, weights, folder, parent / "ids.json", output, *more], check=True)
    return load_file(output)["logits"]


def more(checks, weights, folder):
    """Folders of AdapterHub's, out and in."""
    if "PEFT_ADAPTERS" not in os.environ:
        print("adapter: AdapterHub's folders are not compared: PEFT_ADAPTERS names no environment with `adapters`")
        return
    for number, (ours, theirs) in enumerate(SAVED):
        parent, title = folder / str(number), f"adapter, {ours['kind']}"
        parent.mkdir()
        run = train([{"adapter": ours}], weights, parent / "run")
        host("export", run.folder, "--to", parent / "out", "--format", "peft")
        tuned = dump_logits(run.folder, SEQUENCES, parent / "logits.safetensors")
        base = dump_logits(run.folder, SEQUENCES, parent / "base.safetensors", base=True)
        assert largest(tuned, base) > 1e-2, "training changed nothing; there is nothing to compare"
        checks.add(f"{title}: logits of the export in AdapterHub's library",
                   largest(tuned, adapter_hub("load", weights, parent / "out", parent)), 1e-4)
        (parent / "config.json").write_text(json.dumps(theirs))
        expected = adapter_hub("save", weights, parent / "in", parent, parent / "config.json")
        path = write_recipe(recipe(weights, [{"adapter": {**ours, "init_from": str(parent / "in")}}], parent / "back"))
        assert largest(expected, base) > 1e-2, "the library left its adapter out"
        checks.add(f"{title}: logits of AdapterHub's folder here",
                   largest(dump_logits(path, SEQUENCES, parent / "back.safetensors"), expected), 1e-4)
