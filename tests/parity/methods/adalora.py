"""AdaLoRA: PEFT's own, its penalty and its allocation of ranks included."""

from types import SimpleNamespace
from unittest import mock

import torch
from peft import AdaLoraConfig, get_peft_model
from support import models
from support.curves import MIDDLE, SMALL, STEPS, UNTIED, WIDE, Case
from support.folders import one_method_in
from support.methods import Folder
from support.reference import MODULES, Adapted, perturb

PLAIN = ("adalora", {"tinit": 3, "tfinal": 3})
SHARP = ("adalora", {"init_r": 6, "target_r": 2, "tinit": 2, "tfinal": 4, "alpha": 24,
                     "targets": ["attn.qkv", "attn.out", "mlp.in", "mlp.out"]})
SELDOM = ("adalora", {"init_r": 8, "target_r": 3, "tinit": 2, "tfinal": 2, "delta_t": 3, "beta1": 0.7, "beta2": 0.9,
                      "orth_reg_weight": 0.1, "targets": ["attn.qkv", "mlp.out"]})
TO_THE_END = ("adalora", {"init_r": 5, "target_r": 4, "orth_reg_weight": 0.0})
SHORT = ("adalora", {"init_r": 6, "target_r": 2, "tinit": 1, "tfinal": 1, "alpha": 20,
                     "targets": ["attn.qkv", "mlp.in", "mlp.out"]})

CURVES = [
    Case("as it comes", [PLAIN], SMALL, quick=True),
    Case("as it comes", [PLAIN], WIDE, {"clip": 0.5, "weight_decay": 0.1}, seed=2),
    Case("four sites", [SHARP], SMALL, {"clip": 0.5}, seed=3, quick=True),
    Case("four sites", [SHARP], MIDDLE, {"schedule": "cosine", "accumulate": 2}, {"train_on": "all"}, seed=4),
    Case("seldom", [SELDOM], UNTIED, {"clip": 0.0, "weight_decay": 0.1}, seed=5),
    Case("seldom", [SELDOM], WIDE, {"batch_size": 3, "accumulate": 2, "learning_rate": 5e-3}, seed=6),
    Case("up to the last step", [TO_THE_END], MIDDLE, {"schedule": "constant", "clip": 0.5}, seed=7),
]
FOLDERS = [Folder("three sites", SHORT, quick=True)]
MERGED = [Folder("three sites", SHORT, quick=True)]


class AdaLora(Adapted):
    beside = ("*.kept", "*.sensitivity", "*.uncertainty")

    def penalty(self):
        """What PEFT adds to the loss of a model it is called with."""
        tuner = self.model.base_model
        with mock.patch.object(tuner.model, "forward", lambda: SimpleNamespace(loss=torch.zeros(()))):
            penalty = tuner().loss
        return penalty if penalty.requires_grad else None

    def after_update(self, step):
        self.model.base_model.update_and_allocate(step)


def reference(model, options):
    targets = options.get("targets", ["attn.qkv"])
    names = {name: name for name in ("init_r", "target_r", "tinit", "tfinal", "beta1", "beta2", "orth_reg_weight")}
    names["delta_t"] = "deltaT"
    wrapped = get_peft_model(model, AdaLoraConfig(
        task_type="CAUSAL_LM", total_step=STEPS, lora_alpha=options.get("alpha", 8), fan_in_fan_out=True,
        target_modules=[MODULES[role] for role in targets],
        **{names[name]: value for name, value in options.items() if name in names}))
    tensors = {}
    for layer, block in enumerate(wrapped.base_model.model.transformer.h):
        for role in targets:
            module = block.get_submodule(MODULES[role])
            for matrix in "AEB":
                tensors[f"h.{layer}.{role}.{matrix}"] = getattr(module, f"lora_{matrix}")["default"]
    return AdaLora("adalora", wrapped, tensors)


def more(checks, weights, folder):
    """PEFT's folder of an adapter that has lost ranks, at one site all of them."""
    kind, options = SHORT
    theirs = reference(models.load(weights), options)
    perturb(theirs, 0.1)
    tuner = theirs.model.base_model
    pattern = {}
    for number, (name, parameter) in enumerate(tuner.model.named_parameters()):
        if "lora_E" in name:
            kept = [bool(number % 3) and (rank + number) % 4 != 0 for rank in range(len(parameter))]
            parameter.data[torch.tensor([not keeps for keeps in kept])] = 0
            pattern[name] = kept
    assert not all(map(any, pattern.values())), "no site has lost all of its ranks"
    tuner.peft_config["default"].rank_pattern = pattern
    one_method_in(checks, "adalora, ranks lost", {kind: options}, theirs, weights, folder)
