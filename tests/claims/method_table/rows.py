"""What is compared: each method at 24,576 trained parameters, or at the most below them that it can have.

(IA)³, norms and biases are as many as the model has; whole weights are far more. Of the demo's model, d = 256 wide and of
6 layers, 24,576 is LoRA of rank 4 on the fused qkv: 6 · 4 · (d + 3 d).
"""

from dataclasses import dataclass, field

BUDGET = 24_576

QKV = ["attn.qkv"]
EVERY_LINEAR = ["attn.qkv", "attn.out", "mlp.in", "mlp.out"]


@dataclass(frozen=True)
class Row:
    name: str
    plugin: str
    options: dict
    rate: float          # where the search for its learning rate begins
    larger: bool = False  # far above the budget: shown beside the others, not compared with them


@dataclass(frozen=True)
class Hybrid:
    """Parts, each at the learning rate that its method has alone; what is searched is one factor on all of them."""
    name: str
    parts: tuple         # (the row whose rate it takes, its own options)
    rate: float = 1.0
    larger: bool = field(default=False, init=False)


SINGLES = [
    Row("LoRA", "lora", {"rank": 4, "targets": QKV}, 1e-3),
    Row("LoRA, every linear", "lora", {"rank": 1, "targets": EVERY_LINEAR}, 1e-3),
    Row("DoRA", "lora", {"rank": 3, "use_dora": True, "targets": QKV}, 1e-3),
    Row("PiSSA", "lora", {"rank": 4, "init": "pissa", "targets": QKV}, 1e-3),
    Row("AdaLoRA", "adalora", {"init_r": 4, "target_r": 3, "targets": QKV}, 3e-3),
    Row("VeRA", "vera", {"rank": 448, "targets": EVERY_LINEAR}, 1e-2),
    Row("Pfeiffer adapter", "adapter", {"kind": "pfeiffer", "reduction_factor": 36}, 1e-3),
    Row("parallel adapter", "adapter", {"kind": "parallel", "reduction_factor": 36}, 1e-3),
    Row("prefix", "prefix", {"tokens": 8, "init": "zero"}, 1e-2),
    Row("prompt", "prompt", {"tokens": 96, "init": "sample_vocab"}, 1e-2),
    Row("p-tuning", "p_tuning", {"tokens": 22, "hidden_size": 34}, 1e-3),
    Row("(IA)³", "ia3", {}, 1e-2),
    Row("BitFit", "bitfit", {}, 3e-3),
    Row("norms", "norms", {}, 3e-3),
    Row("last block", "freeze", {"layers": 1}, 3e-4, larger=True),
    Row("all weights", "full", {}, 1e-4, larger=True),
]

HYBRIDS = [
    Hybrid("LoRA + prefix", (("LoRA", {"rank": 2, "targets": QKV}), ("prefix", {"tokens": 4, "init": "zero"}))),
    Hybrid("LoRA + parallel adapter", (("LoRA", {"rank": 2, "targets": QKV}),
                                       ("parallel adapter", {"kind": "parallel", "reduction_factor": 85}))),
    # He et al. 2022, arXiv:2110.04366: their MAM adapter.
    Hybrid("prefix + parallel adapter", (("prefix", {"tokens": 4, "init": "zero"}),
                                         ("parallel adapter", {"kind": "parallel", "reduction_factor": 85}))),
    Hybrid("LoRA + BitFit", (("LoRA", {"rank": 1, "targets": QKV}), ("BitFit", {}))),
]

# In this order: a hybrid needs the rates of its parts.
ROWS = [*SINGLES, *HYBRIDS]


def methods_of(row, rate, rates):
    """The recipe's `methods`. `rate` is the row's, or a hybrid's factor on those of `rates`, {name of a single: rate}."""
    if isinstance(row, Row):
        return [{row.plugin: {**row.options, "learning_rate": rate}}]
    plugins = {single.name: single.plugin for single in SINGLES}
    return [{plugins[name]: {**options, "learning_rate": rate * rates[name]}} for name, options in row.parts]
