#!/usr/bin/env python3
"""Llama, Mistral and Qwen2 against transformers and PEFT: logits, loss curves, folders of adapters and merged models,
greedy continuations.

llama_parity.py [logits | curves | folders | generate]: that part, or all.
"""

import json
import random
import sys

import torch
from safetensors.torch import load_file, save_file

from support import models
from support.checks import Checks, largest
from support.curves import STEPS, Case, compare
from support.environment import NANO_GPT2, QUICK, need_shared_data, scratch
from support.folders import merged_out, one_method_in, one_method_out, round_trip
from support.host import Run, dump_logits, host, recipe, write_recipe
from support.llama import LINEAR, LLAMA3, LlamaShape, build
from support.openassistant import Encoder
from support.reference import load_tensors, perturb

LLAMA = LlamaShape(2, 48, 4, 2)
WHOLE = LlamaShape(3, 64, 4, 4, tied=False)
MISTRAL = LlamaShape(3, 96, 6, 2, "mistral", tied=False, more={"sliding_window": 4096})
QWEN2 = LlamaShape(2, 64, 8, 2, "qwen2")
LLAMA3_SHAPE = LlamaShape(2, 96, 6, 1, more={"rope_parameters": LLAMA3})
BIASED = LlamaShape(2, 48, 4, 2, more={"attention_bias": True, "mlp_bias": True})
WIDE_HEADS = LlamaShape(2, 48, 3, 1, more={"head_dim": 24})
SHAPES = [LLAMA, WHOLE, MISTRAL, QWEN2, LLAMA3_SHAPE, BIASED, WIDE_HEADS,
          LlamaShape(2, 64, 2, 1, "mistral", more={"rope_parameters": LINEAR}),
          LlamaShape(4, 128, 8, 4, "qwen2", tied=False, more={"rope_parameters": {"rope_type": "default",
                                                                                   "rope_theta": 1e6}})]

LORA = ("lora", {"rank": 4, "alpha": 16, "targets": ["attn.q", "attn.v"]})
ALL_LORA = ("lora", {"rank": 3, "alpha": 12, "use_rslora": True,
                     "targets": ["attn.qkv", "attn.out", "mlp.gate", "mlp.in", "mlp.out"]})
PREFIX = ("prefix", {"tokens": 5})
PROJECTED = ("prefix", {"tokens": 4, "projection": True})
PROMPT = ("prompt", {"tokens": 6})
IA3 = ("ia3", {})

CURVES = [
    Case("lora", [LORA], LLAMA, quick=True),
    Case("lora, everywhere", [ALL_LORA], MISTRAL, {"weight_decay": 0.1, "schedule": "cosine"}, seed=2),
    Case("lora, everywhere", [ALL_LORA], QWEN2, {"batch_size": 3, "accumulate": 2, "clip": 0.5}, seed=3, quick=True),
    Case("lora", [LORA], LLAMA3_SHAPE, {"clip": 0.0}, {"train_on": "all"}, seed=4),
    Case("prefix", [PREFIX], LLAMA, {"learning_rate": 5e-2, "schedule": "constant"}, quick=True),
    Case("prefix", [PREFIX], MISTRAL, {"weight_decay": 0.1, "batch_size": 5, "accumulate": 2}, seed=2),
    Case("prefix", [PREFIX], QWEN2, {"schedule": "cosine", "learning_rate": 5e-2}, seed=3),
    Case("prefix, projected", [PROJECTED], WHOLE, {"weight_decay": 0.1}, seed=2, quick=True),
    Case("prompt", [PROMPT], LLAMA, {"learning_rate": 5e-2}, {"train_on": "all"}, quick=True),
    Case("prompt", [PROMPT], MISTRAL, {"schedule": "cosine", "accumulate": 2}, seed=2),
    Case("prompt", [PROMPT], QWEN2, {"weight_decay": 0.1}, seed=3),
    Case("ia3", [IA3], LLAMA, {"weight_decay": 0.1}, quick=True),
    Case("ia3", [IA3], MISTRAL, {"clip": 0.0, "accumulate": 2}, seed=2),
    Case("ia3", [IA3], QWEN2, {"learning_rate": 5e-2}, seed=3),
]


def sequences(shape, count=5):
    """One token, the longest there can be, and lengths between."""
    rng = random.Random(5)
    lengths = [1, shape.positions, *(rng.randrange(2, shape.positions) for _ in range(count - 2))]
    return [[rng.randrange(shape.vocabulary) for _ in range(length)] for length in lengths]


def as_older(folder):
    """As transformers 4 wrote it: rope_scaling and rope_theta, the frequencies among the weights, a tied copy; and a
    list of end tokens."""
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = rope if rope["rope_type"] != "default" else None
    config["eos_token_id"] = [0, 5]
    path.write_text(json.dumps(config), encoding="utf-8")
    tensors = load_file(folder / "model.safetensors")
    for layer in range(config["num_hidden_layers"]):
        tensors[f"model.layers.{layer}.self_attn.rotary_emb.inv_freq"] = torch.ones(4)
    if config["tie_word_embeddings"]:
        tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone()
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    return folder


def logits(checks, parent):
    for seed, shape in enumerate(SHAPES):
        plain = models.save(models.random_model(shape, seed), parent / f"logits{seed}")
        reference = models.load(plain)
        inputs = sequences(shape)
        with torch.no_grad():
            theirs = torch.cat([reference(torch.tensor([ids])).logits[0] for ids in inputs])
        for form, folder in (("", plain), (", older form", as_older(plain))):
            path = write_recipe(recipe(folder, [{"lora": {}}], parent / "runs" / folder.name))
            ours = dump_logits(path, inputs, parent / "logits.safetensors", base=True)
            checks.add(f"{shape}{form}: logits (to {theirs.abs().max():.0f})", largest(ours, theirs), 1e-4)


def curves(checks, parent):
    for number, case in enumerate(CURVES):
        if case.quick or not QUICK:
            compare(case, case.name, build, parent / f"curve{number}", checks)


def folders(checks, parent):
    for shape in (QWEN2,) if QUICK else (LLAMA, MISTRAL, QWEN2):
        weights = models.save(models.random_model(shape, 3), parent / f"{shape.kind}-weights")
        for number, method in enumerate((ALL_LORA, PREFIX, PROMPT, IA3)):
            own = parent / f"{shape.kind}-{number}"
            own.mkdir()
            title, options = f"{shape.kind}, {method[0]}", dict([method])
            one_method_out(checks, title, options, weights, own)
            round_trip(checks, title, options, weights, own)
            theirs = build(models.load(weights), [(method[0], *method)])
            perturb(theirs, 0.1)
            one_method_in(checks, title, options, theirs, weights, own)
            if method[0] in ("lora", "ia3"):
                (own / "merged").mkdir()
                merged_out(checks, title, [options], weights, own / "merged")


def generate(checks, parent):
    """The loop and the cache of transformers, adapters by PEFT."""
    tokenizer = Encoder(NANO_GPT2).tokenizer
    prompts = ["User: I need a table for two at seven.\nAssistant:", "The", "   spaces,\nlines, émigré — 日本語 and 🙂"]
    for shape in (LLAMA,) if QUICK else (LLAMA, MISTRAL, QWEN2, LLAMA3_SHAPE):
        weights = models.save(models.random_model(shape, 1), parent / f"generate-{shape.kind}-{shape.width}")
        for method in (LORA, PREFIX, PROMPT):
            kind, options = method
            run = Run(recipe(weights, [{kind: options}], parent / f"{weights.name}-{kind}", steps=6,
                             train={"learning_rate": 1e-2, "schedule": "constant", "checkpoint_every": 6}))
            reference = build(models.load(weights), [(kind, *method)])
            load_tensors(reference, run.tensors(step=6))
            reference.eval().model.generation_config.pad_token_id = 0
            for number, prompt in enumerate(prompts):
                ids = tokenizer.encode(prompt, add_special_tokens=False)
                made = reference.model.generate(
                    input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long),
                    do_sample=False, max_new_tokens=32)[0].tolist()[len(ids):]
                made = made[:made.index(0)] if 0 in made else made
                text = host("generate", run.folder, "--prompt", prompt, "--raw", "--max-new-tokens", 32)
                checks.equal(f"{shape}, {kind}, prompt {number}: {len(made)} tokens", text.removesuffix("\n"),
                             tokenizer.decode(made, skip_special_tokens=True))


def main():
    need_shared_data()
    checks = Checks(f"Llama, Mistral, Qwen2 against transformers and PEFT; curves of {STEPS} steps")
    parts = {"logits": logits, "curves": curves, "folders": folders, "generate": generate}
    for name in sys.argv[1:] or parts:
        (scratch() / name).mkdir()
        parts[name](checks, scratch() / name)
    checks.finish()


if __name__ == "__main__":
    main()
