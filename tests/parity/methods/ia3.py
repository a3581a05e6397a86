"""(IA)³: PEFT's own on GPT-2, whose fused projection it scales as a whole, and the paper's by hand."""

from peft import IA3Config, get_peft_model
from support.curves import MIDDLE, SMALL, UNTIED, WIDE, Case
from support.methods import Folder
from support.reference import MODULES, SLICES, Adapted, freeze
from torch import nn

import torch

PAPER = ("ia3", {"kind": "paper"})
COMPAT = ("ia3", {"kind": "peft_compat"})
CHOSEN = ("ia3", {"targets": ["attn.qkv", "attn.out", "mlp.in"], "feedforward": ["mlp.out"]})
OUTPUTS = ("ia3", {"targets": ["attn.out"], "feedforward": []})

CURVES = [
    Case("paper", [PAPER], SMALL, quick=True),
    Case("paper", [PAPER], MIDDLE, {"clip": 0.5, "schedule": "cosine", "weight_decay": 0.1}, seed=2),
    Case("paper", [PAPER], UNTIED, {"accumulate": 2, "learning_rate": 5e-2}, {"train_on": "all"}, seed=3),
    Case("peft_compat", [COMPAT], SMALL, {"weight_decay": 0.1, "schedule": "constant"}, quick=True),
    Case("peft_compat", [COMPAT], WIDE, {"clip": 0.0, "accumulate": 2}, seed=2),
    Case("chosen targets", [CHOSEN], MIDDLE, {"weight_decay": 0.1, "learning_rate": 5e-2}, seed=3),
    Case("outputs alone", [OUTPUTS], WIDE, {"batch_size": 3}, seed=4),
]

FOLDERS = [Folder("peft_compat", COMPAT, quick=True), Folder("paper", PAPER, peft=False, quick=True),
           Folder("chosen targets", CHOSEN)]
MERGED = [Folder("paper", PAPER, quick=True), Folder("peft_compat", COMPAT)]


def scaled_roles(options):
    """(those whose outputs are scaled, those whose inputs are)."""
    by_kind = ["attn.qkv"] if options.get("kind") == "peft_compat" else ["attn.k", "attn.v"]
    return options.get("targets", by_kind), options.get("feedforward", ["mlp.out"])


def reference(model, options):
    outputs, inputs = scaled_roles(options)
    return (peft if set(outputs) <= set(MODULES) else by_hand)(model, outputs, inputs)


def peft(model, outputs, inputs):
    wrapped = get_peft_model(model, IA3Config(
        task_type="CAUSAL_LM", target_modules=[MODULES[role] for role in outputs + inputs],
        feedforward_modules=[MODULES[role] for role in inputs], fan_in_fan_out=True))
    blocks = wrapped.base_model.model.transformer.h
    return Adapted("ia3", wrapped, {f"h.{layer}.{role}.scale": block.get_submodule(MODULES[role]).ia3_l["default"]
                                    for layer, block in enumerate(blocks) for role in outputs + inputs})


def by_hand(model, outputs, inputs):
    """k ⊙ l_k, v ⊙ l_v: slices of the fused projection; and l_ff ⊙ the input of the second linear."""
    freeze(model)
    width = model.config.n_embd
    scales = {}

    def scale_slice(scale, begin):
        def hook(_, __, y):
            return torch.cat([y[..., :begin], y[..., begin:begin + width] * scale, y[..., begin + width:]], -1)
        return hook

    def scale_input(scale):
        return lambda _, x: (x[0] * scale,)

    for layer, block in enumerate(model.transformer.h):
        for role in outputs:
            scale = scales[f"h.{layer}.{role}.scale"] = nn.Parameter(torch.ones(width))
            block.attn.c_attn.register_forward_hook(scale_slice(scale, SLICES[role] * width))
        for role in inputs:
            module = block.get_submodule(MODULES[role])
            scale = scales[f"h.{layer}.{role}.scale"] = nn.Parameter(torch.ones(module.weight.shape[0]))
            module.register_forward_pre_hook(scale_input(scale))
    return Adapted("ia3", model, scales)
