"""LoRA's variants, PEFT's own. Where PEFT's start out of the weight is another than ours (by chance, or because it
factorises a Conv1D's weight the other way round), the base is changed by hand with the values ours starts with.

Plain LoRA, and LoRA with other methods, are compared in curves_parity.py and export_parity.py.
"""

import re
import warnings

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.optimizers import create_loraplus_optimizer
from support import models
from support.checks import largest
from support.curves import MIDDLE, SMALL, UNTIED, WIDE, Case, compare
from support.folders import SEQUENCES, one_method_in, one_method_out, peft_logits, train
from support.host import dump_logits, host, recipe, write_recipe
from support.methods import Folder
from support.reference import MODULES, Adapted, perturb

ALL_MODULES = {**MODULES, "embed.tokens": "wte", "head": "lm_head"}
FOUR = ["attn.qkv", "attn.out", "mlp.in", "mlp.out"]

DORA = {"rank": 4, "alpha": 16, "use_dora": True}
PISSA = {"rank": 4, "alpha": 8, "init": "pissa"}
OLORA = {"rank": 4, "alpha": 4, "init": "olora"}
PATTERNS = {"rank": 4, "alpha": 8, "targets": FOUR, "rank_pattern": {"mlp.out": 2, "h.1.attn.*": 6},
            "alpha_pattern": {"attn.qkv": 3}}
ENDS = {"rank": 4, "alpha": 8, "targets": ["attn.qkv", "embed.tokens", "head"]}
PLUS = {"rank": 4, "alpha": 8, "loraplus_lr_ratio": 8, "targets": ["attn.qkv", "mlp.in"]}


def lora(*options):
    """One method of all these options."""
    return "lora", {key: value for some in options for key, value in some.items()}


CURVES = [
    Case("dora", [lora(DORA)], SMALL, quick=True),
    Case("dora, rsLoRA, four targets", [lora(DORA, {"use_rslora": True, "targets": FOUR, "init": "gaussian"})], MIDDLE,
         {"clip": 0.5, "schedule": "cosine", "weight_decay": 0.1}, seed=2),
    Case("dora, embeddings, head", [lora(DORA, ENDS)], WIDE, {"accumulate": 2, "batch_size": 2}, seed=3),
    Case("pissa", [lora(PISSA)], SMALL, quick=True),
    Case("pissa, four targets", [lora(PISSA, {"targets": FOUR, "use_rslora": True})], MIDDLE,
         {"clip": 0.5, "weight_decay": 0.1}, seed=2),
    Case("pissa by iteration", [lora(PISSA, {"init": "pissa_niter_8"})], WIDE, {"accumulate": 2}, seed=3),
    Case("pissa and dora", [lora(PISSA, DORA, {"targets": ["mlp.in", "mlp.out"]})], MIDDLE, {"clip": 0.5}, seed=4),
    Case("olora, PEFT's own", [lora(OLORA, {"targets": ["head"]})], UNTIED, quick=True),
    Case("olora", [lora(OLORA, {"targets": FOUR})], MIDDLE, {"schedule": "cosine", "clip": 0.5}, seed=2),
    Case("patterns", [lora(PATTERNS)], SMALL, quick=True),
    Case("patterns", [lora(PATTERNS, {"use_dora": True})], WIDE, {"weight_decay": 0.1}, seed=2),
    Case("embeddings and head", [lora(ENDS)], SMALL, {"clip": 0.5, "weight_decay": 0.1}, quick=True),
    Case("embeddings and head", [lora(ENDS, {"use_rslora": True})], UNTIED, {"schedule": "cosine"}, seed=2),
    Case("biases of targets", [lora({"bias": "lora_only", "targets": FOUR})], SMALL, {"weight_decay": 0.1}, quick=True),
    Case("all biases", [lora({"bias": "all"}, DORA)], MIDDLE, {"accumulate": 2, "weight_decay": 0.1}, seed=2),
    Case("LoRA+", [lora(PLUS)], SMALL, {"learning_rate": 2e-3, "weight_decay": 0.1}, quick=True),
    Case("LoRA+, head, dora, biases", [lora(PLUS, DORA, {"bias": "all", "targets": ["attn.qkv", "head"]})], MIDDLE,
         {"learning_rate": 1e-3, "schedule": "cosine", "clip": 0.5, "weight_decay": 0.1}, seed=2),
]

FOLDERS = [
    Folder("dora", lora(DORA, {"targets": FOUR}), quick=True),
    Folder("dora, embeddings", lora(DORA, {"targets": ["mlp.out", "embed.tokens"]}), deviation=0.02),
    Folder("patterns", lora(PATTERNS), quick=True),
    Folder("embeddings", lora({"rank": 4, "targets": ["embed.tokens"]}), quick=True, deviation=0.02),
    Folder("biases of targets", lora({"bias": "lora_only", "targets": FOUR}), quick=True),
    Folder("all biases", lora({"bias": "all", "use_rslora": True})),
]

MERGED = [
    Folder("dora, biases", lora(DORA, {"targets": ["attn.qkv", "mlp.out"], "bias": "all"}), quick=True),
    Folder("embeddings", lora({"targets": ["embed.tokens", "mlp.in"]}), quick=True),
    Folder("head", lora({"targets": ["head"]})),
    Folder("dora, embeddings and head", lora(DORA, ENDS)),
    Folder("pissa", lora(PISSA, {"targets": ["attn.q", "mlp.in"]})),
    Folder("olora and dora", lora(OLORA, DORA)),
]


def expression(pattern):
    """A role or a glob of ours as PEFT matches modules."""
    if pattern in ALL_MODULES:
        return re.escape(ALL_MODULES[pattern])
    return re.escape(pattern).replace(r"\*", r"[^.]*")


def config(options, init):
    return LoraConfig(
        task_type="CAUSAL_LM", r=options.get("rank", 8), lora_alpha=options.get("alpha", 8.0), fan_in_fan_out=True,
        target_modules=[ALL_MODULES[role] for role in options.get("targets", ["attn.qkv"])],
        use_rslora=options.get("use_rslora", False), use_dora=options.get("use_dora", False),
        bias=options.get("bias", "none"), init_lora_weights=init,
        **{key: {expression(pattern): value for pattern, value in options.get(key, {}).items()}
           for key in ("rank_pattern", "alpha_pattern")})


def targets_of(gpt2, options):
    """(our name, PEFT's module) of each target."""
    for role in options.get("targets", ["attn.qkv"]):
        if role == "head":
            yield "lm_head", gpt2.lm_head
        elif role == "embed.tokens":
            yield "wte", gpt2.transformer.wte
        else:
            for layer, block in enumerate(gpt2.transformer.h):
                yield f"h.{layer}.{role}", block.get_submodule(MODULES[role])


def tensors_of(gpt2, options):
    found = {}
    for name, module in targets_of(gpt2, options):
        if name == "wte":
            found["wte.A"], found["wte.B"] = (ab["default"] for ab in (module.lora_embedding_A, module.lora_embedding_B))
        else:
            found[f"{name}.A"], found[f"{name}.B"] = (ab["default"].weight for ab in (module.lora_A, module.lora_B))
        if options.get("use_dora"):
            found[f"{name}.magnitude"] = module.lora_magnitude_vector["default"].weight
        if options.get("bias") == "lora_only" and getattr(module.base_layer, "bias", None) is not None:
            found[f"{name}.bias"] = module.base_layer.bias
    if options.get("bias") == "all":
        found.update({name.replace(".base_layer", ""): parameter for name, parameter in gpt2.named_parameters()
                      if name.endswith(".bias")})
    return found


class Lora(Adapted):
    beside = ("*.A0", "*.B0")

    def __init__(self, model, options, by_hand):
        wrapped = get_peft_model(model, config(options, True if by_hand else peft_init(options)))
        gpt2 = wrapped.base_model.model
        super().__init__("lora", wrapped, tensors_of(gpt2, options))
        self.options = options
        self.unchanged = [module for _, module in targets_of(gpt2, options)] if by_hand else []

    def forward(self, ids, mask):
        # A and B are those ours starts with as long as nothing is trained.
        for module in self.unchanged:
            weight = module.base_layer.weight.data
            weight -= module.get_delta_weight("default")
        self.unchanged = []
        return super().forward(ids, mask)

    def optimizer(self, train):
        if "loraplus_lr_ratio" not in self.options:
            return None
        return create_loraplus_optimizer(
            self.model, torch.optim.AdamW, lr=train["learning_rate"],
            loraplus_lr_ratio=self.options["loraplus_lr_ratio"],
            loraplus_lr_embedding=self.options.get("loraplus_lr_embedding", 1e-6),
            loraplus_weight_decay=train.get("weight_decay", 0.0), betas=(0.9, 0.999), eps=1e-8)


def peft_init(options):
    return {"kaiming": True}.get(options.get("init", "kaiming"), options.get("init"))


def reference(model, options):
    init, targets = options.get("init", ""), options.get("targets", ["attn.qkv"])
    return Lora(model, options, by_hand=init.startswith("pissa_niter") or (init == "olora" and targets != ["head"]))


def more(checks, weights, folder):
    """What goes one way only, or comes with the base's own weights beside it."""
    one_way = [("pissa", lora(PISSA, {"targets": FOUR})), ("olora and dora", lora(OLORA, DORA)),
               ("dora on slices", lora(DORA, {"targets": ["attn.q", "attn.v"]})),
               ("slices with biases", lora({"bias": "lora_only", "targets": ["attn.k", "mlp.in"]})),
               ("slices of several ranks", lora({"rank": 3, "targets": ["attn.q", "attn.v"], "rank_pattern":
                                                 {"attn.v": 5}, "alpha_pattern": {"attn.q": 20}}))]
    for number, (title, method) in enumerate(one_way):
        own = folder / f"out{number}"
        own.mkdir()
        one_method_out(checks, f"lora, {title}", dict([method]), weights, own)

    # PEFT makes the base anew when it loads its own PiSSA, and so do we.
    pissa = lora(PISSA, {"targets": ["attn.qkv", "mlp.in"]})
    theirs = reference(models.load(weights), pissa[1])
    perturb(theirs, 0.1)
    (folder / "pissa-in").mkdir()
    one_method_in(checks, "lora, pissa", dict([pissa]), theirs, weights, folder / "pissa-in")
    head_both_ways(checks, weights, folder / "head")
    plus_with_embeddings(checks, folder / "plus")


def head_both_ways(checks, weights, folder):
    """PEFT saves the base's head beside its update."""
    folder.mkdir()
    method = lora({"rank": 4, "targets": ["attn.qkv", "head"]})
    run = train([dict([method])], weights, folder / "run")
    host("export", run.folder, "--to", folder / "adapter", "--format", "peft")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = PeftModel.from_pretrained(models.load(weights), folder / "adapter").eval()
        model.save_pretrained(folder / "again")
    ours = dump_logits(run.folder, SEQUENCES, folder / "logits.safetensors")
    checks.add("lora, head: logits of the export in PEFT", largest(ours, peft_logits(model)), 1e-4)
    path = write_recipe(recipe(weights, [{"lora": {**method[1], "init_from": str(folder / "again")}}], folder / "in"))
    back = dump_logits(path, SEQUENCES, folder / "back.safetensors")
    checks.equal("lora, head: logits of the export that PEFT saved again", largest(ours, back), 0.0)


def plus_with_embeddings(checks, folder):
    """PEFT trains token embeddings at a rate of their own beside LoRA+: here, a method of their own."""
    embeddings = {"name": "embeddings", "rank": 4, "alpha": 8, "targets": ["embed.tokens"], "learning_rate": 3e-4}

    def build(model, _):
        both = Lora(model, {**PLUS, "targets": PLUS["targets"] + embeddings["targets"],
                            "loraplus_lr_embedding": embeddings["learning_rate"]}, by_hand=False)
        tensors = both.found["lora"]
        both.found = {"lora": {name: tensor for name, tensor in tensors.items() if not name.startswith("wte.")},
                      "embeddings": {name: tensor for name, tensor in tensors.items() if name.startswith("wte.")}}
        return both.train()

    case = Case("LoRA+ and embeddings", [("lora", PLUS), ("lora", embeddings)], MIDDLE,
                {"learning_rate": 2e-3, "clip": 0.5, "weight_decay": 0.1}, seed=3)
    compare(case, "lora, LoRA+ and embeddings", build, folder, checks)
