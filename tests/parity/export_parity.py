#!/usr/bin/env python3
"""Adapters in PEFT's folders, out and in, and merged models: no key missing, none unexpected, the same logits."""

from dataclasses import replace

import torch
from safetensors.torch import load_file, save_file

from support import models
from support.checks import Checks, largest
from support.environment import QUICK, need_shared_data, scratch
from support.folders import SEQUENCES, SHAPE, load_strictly, merged_out, one_method_in, one_method_out, train
from support.host import dump_logits, host, recipe, write_recipe
from support.reference import Composition, Peft, load_tensors, logits_of, randomize

LORA = {"lora": {"rank": 4, "alpha": 16, "targets": ["attn.qkv", "mlp.out"]}}
RSLORA = {"lora": {"rank": 4, "alpha": 16, "use_rslora": True, "targets": ["attn.q", "attn.v", "mlp.in"]}}
SLICES = {"lora": {"rank": 4, "alpha": 12, "targets": ["attn.q", "attn.v"]}}
ONE_SLICE = {"lora": {"rank": 3, "alpha": 12, "targets": ["attn.k"]}}
PREFIX = {"prefix": {"tokens": 5}}
PROJECTED = {"prefix": {"tokens": 5, "projection": True, "projection_hidden": 40}}
PROMPT = {"prompt": {"tokens": 6}}

SCALES = {"ia3": {"targets": ["attn.k", "attn.v"], "feedforward": ["mlp.out"]}}
UNDER = {"lora": {"rank": 4, "alpha": 16, "targets": ["mlp.out", "attn.v"]}}
DORA = {"lora": {"name": "dora", "rank": 4, "use_dora": True, "targets": ["mlp.out", "attn.qkv"]}}
ENDS = {"lora": {"name": "ends", "rank": 4, "targets": ["head", "embed.tokens"]}}
BIASES = {"bitfit": {}}
NORMS = {"norms": {}}


def hybrid_out(checks, weights, parent):
    """One folder a method: LoRA's logits alone, and all of them put together again."""
    methods = [LORA, PREFIX, PROMPT]
    run = train(methods, weights, parent / "run")
    host("export", run.folder, "--to", parent / "adapters", "--format", "peft")
    found = sorted(path.name for path in (parent / "adapters").iterdir())
    checks.equal("hybrid: folders", found, ["lora", "prefix", "prompt"])
    theirs = Composition(models.load(weights), [(name, name, method[name]) for method, name in
                                                zip(methods, ("lora", "prefix", "prompt"))])
    exported = {name: load_file(parent / "adapters" / name / "adapter_model.safetensors") for name in found}
    for name in found:
        load_strictly(checks, f"hybrid, {name}", weights, parent / "adapters" / name)
    modules = {"attn.qkv": "attn.c_attn", "mlp.out": "mlp.c_proj"}
    lora = {f"h.{layer}.{role}.{matrix}":
            exported["lora"][f"base_model.model.transformer.h.{layer}.{module}.lora_{matrix}.weight"]
            for layer in range(SHAPE.layers) for role, module in modules.items() for matrix in "AB"}
    load_tensors(theirs, {"lora": lora, "prefix": {"prefix": exported["prefix"]["prompt_embeddings"]},
                          "prompt": {"prompt": exported["prompt"]["prompt_embeddings"]}})
    ours = dump_logits(run.folder, SEQUENCES, parent / "logits.safetensors")
    checks.add("hybrid: logits of the exports put together", largest(ours, logits_of(theirs, SEQUENCES)), 1e-4)


def made_by_peft(weights, method):
    (kind, options), = method.items()
    theirs = Peft(models.load(weights), (kind, kind, options))
    randomize(theirs, 0.1)  # from 0.2 on, updates are so large that the last bits alone move logits by 1e-4
    return theirs


def projected_in(checks, weights, parent):
    """PEFT saves what the projection makes, not the projection: read as a flat prefix."""
    theirs = Peft(models.load(weights), ("prefix", "prefix", PROJECTED["prefix"]))
    randomize(theirs, 0.2)
    theirs.model.save_pretrained(parent / "made-by-peft")
    path = write_recipe(recipe(weights, [{"prefix": {"tokens": 5, "init_from": str(parent / "made-by-peft")}}],
                               parent / "in"))
    ours = dump_logits(path, SEQUENCES, parent / "logits.safetensors")
    checks.add("projected prefix: logits of PEFT's folder, flat here", largest(ours, logits_of(theirs, SEQUENCES)), 1e-4)


def damaged_in(checks, weights, parent):
    """A folder with one tensor more than there should be is refused by its name."""
    theirs = Peft(models.load(weights), ("lora", "lora", LORA["lora"]))
    theirs.model.save_pretrained(parent / "damaged")
    tensors = load_file(parent / "damaged" / "adapter_model.safetensors")
    save_file({**tensors, "stranger": torch.zeros(2)}, parent / "damaged" / "adapter_model.safetensors")
    path = write_recipe(recipe(weights, [{"lora": {**LORA["lora"], "init_from": str(parent / "damaged")}}],
                               parent / "damaged-in"))
    try:
        dump_logits(path, SEQUENCES, parent / "logits.safetensors")
        refused = False
    except RuntimeError as error:
        refused = "stranger" in str(error)
    checks.equal("a folder with a tensor too many: refused by its name", refused, True)


def several_merged(checks, weights, parent):
    """Methods that fold, on the same weights, whichever stands first."""
    untied = models.save(models.random_model(replace(SHAPE, tied=False), 4), parent / "untied")
    cases = [("ia3, lora", [SCALES, UNDER], weights), ("lora, ia3", [UNDER, SCALES], weights),
             ("dora, ia3, lora", [DORA, SCALES, UNDER], weights),
             ("bitfit, norms, lora, dora, untied ends", [BIASES, NORMS, UNDER, DORA, ENDS], untied)]
    for number, (title, methods, base) in enumerate(cases):
        merged_out(checks, title, methods, base, parent / str(number))


def scales_stand_under_updates(checks, weights, parent):
    """An update sees the scaled input too: the scale multiplies the weight and the update, not the weight alone."""
    run, model = merged_out(checks, "input scales under an update", [SCALES, UNDER], weights, parent)
    before, tensors = models.load(weights), run.tensors(4)
    differences, apart = [], []
    for layer in range(SHAPE.layers):
        name = f"h.{layer}.mlp.out"
        weight, merged = (m.transformer.h[layer].mlp.c_proj.weight.detach() for m in (before, model))  # [in, out]
        update = 4 * (tensors["lora"][f"{name}.B"] @ tensors["lora"][f"{name}.A"]).T
        scale = tensors["ia3"][f"{name}.scale"].unsqueeze(1)
        differences.append(largest(merged, scale * (weight + update)))
        apart.append(largest(merged, scale * weight + update))
    assert min(apart) > 1e-3, "both orders give the same weight; there is nothing to tell apart"
    checks.add("input scales under an update: l ⊙ (W + s B A)", max(differences), 1e-6)


def merged_in_bfloat16(checks, weights, parent):
    """Each weight is rounded once, by at most 2⁻⁹ of it; the program says what that does to the logits."""
    merged_out(checks, "bfloat16", [SCALES, UNDER, NORMS], weights, parent, "bfloat16", 0.03)
    stored = {tensor.dtype for tensor in load_file(parent / "merged" / "model.safetensors").values()}
    checks.equal("bfloat16: stored as", stored, {torch.bfloat16})


def main():
    need_shared_data()
    checks = Checks("adapters and models in Hugging Face's folders")
    parent = scratch()
    weights = models.save(models.random_model(SHAPE, 3), parent / "weights")
    out = [("lora", LORA), ("lora on slices", SLICES), ("projected prefix", PROJECTED), ("prompt", PROMPT)]
    more_out = [("lora on one slice", ONE_SLICE), ("rsLoRA, slices", RSLORA), ("prefix", PREFIX)]
    for number, (title, method) in enumerate(out if QUICK else out + more_out):
        one_method_out(checks, title, method, weights, parent / f"out{number}")
    hybrid_out(checks, weights, parent / "hybrid")
    whole_rslora = {"lora": {"rank": 4, "alpha": 16, "use_rslora": True, "targets": ["attn.qkv", "attn.out"]}}
    for number, (title, method) in enumerate([("lora", LORA), ("rsLoRA", whole_rslora), ("prefix", PREFIX),
                                              ("prompt", PROMPT)]):
        (parent / f"in{number}").mkdir()
        one_method_in(checks, title, method, made_by_peft(weights, method), weights, parent / f"in{number}")
    (parent / "projected-in").mkdir()
    projected_in(checks, weights, parent / "projected-in")
    damaged_in(checks, weights, parent)
    for number, (title, method) in enumerate([("lora", LORA), ("lora on slices", SLICES), ("full", {"full": {}})]):
        merged_out(checks, title, [method], weights, parent / f"merged{number}")
    several_merged(checks, weights, parent / "several")
    scales_stand_under_updates(checks, weights, parent / "scales")
    merged_in_bfloat16(checks, weights, parent / "bfloat16")
    checks.finish()


if __name__ == "__main__":
    main()
