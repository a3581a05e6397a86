#!/usr/bin/env python3
"""T5 against transformers and PEFT: logits, loss curves, and greedy texts."""

import json
import random

import torch
from safetensors.torch import load_file, save_file

from support import seq2seq
from support.checks import Checks, largest, relative
from support.curves import column, tensor_distance, tokens_and_rates
from support.environment import QUICK, need_shared_data, scratch
from support.host import Run, dump_logits, host, recipe, write_recipe
from support.reference import load_tensors
from support.seq2seq import PeftSeq2Seq, ThreePrefixes
from support.training import train_reference

STEPS = 13
SHAPES = {
    "1.0": {},
    "1.1, heads wider than d / heads": {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False, "d_kv": 20},
    "gated-silu, a deeper decoder": {"feed_forward_proj": "gated-silu", "num_decoder_layers": 3},
    "wide": {"d_model": 128, "num_heads": 8, "d_kv": 16, "num_layers": 3, "relative_attention_num_buckets": 32,
             "relative_attention_max_distance": 128},
}
CASES = [  # (name, shape, method, reference)
    ("lora", "1.0", ("lora", {"rank": 4, "targets": ["attn.q", "attn.v", "cross.q", "cross.v"]}), PeftSeq2Seq),
    ("lora, all of attention", "1.1, heads wider than d / heads",
     ("lora", {"rank": 3, "alpha": 6, "targets": [f"{a}.{p}" for a in ("attn", "cross") for p in ("q", "k", "v")]}),
     PeftSeq2Seq),
    ("prompt", "gated-silu, a deeper decoder", ("prompt", {"tokens": 5}), PeftSeq2Seq),
    ("prefix as PEFT's", "1.0", ("prefix", {"tokens": 4, "peft_compat": True}), PeftSeq2Seq),
    ("prefix as PEFT's, odd layers", "wide", ("prefix", {"tokens": 7, "peft_compat": True}), PeftSeq2Seq),
    ("ia3", "1.0", ("ia3", {}), PeftSeq2Seq),
    ("ia3, a deeper decoder", "gated-silu, a deeper decoder", ("ia3", {}), PeftSeq2Seq),
    ("norms", "1.0", ("norms", {}), PeftSeq2Seq),
    ("prefix as in the paper", "1.0", ("prefix", {"tokens": 4}), ThreePrefixes),
    ("prefix as in the paper, 1.1", "1.1, heads wider than d / heads", ("prefix", {"tokens": 3}), ThreePrefixes),
]


def recipe_of(weights, methods, output, **changes):
    content = recipe(weights, methods, output, STEPS, {"dataset": "pairs", "source": str(scratch() / "pairs.jsonl"),
                                                       "max_length": 40, "max_target_length": 24, **changes},
                     {"batch_size": 4, "learning_rate": 1e-2, "schedule": "linear", "warmup": 2, "clip": 0.05}, 1)
    return {**content, "task": "seq2seq_lm", "model": {**content["model"], "family": "t5"}}


def weights_of(shape, seed=1):
    folder = scratch() / f"t5-{list(SHAPES).index(shape)}-{seed}"
    return folder if folder.exists() else seq2seq.save(seq2seq.random_model(seed, **SHAPES[shape]), folder)


def compare_logits(checks, parent):
    rng = random.Random(3)
    pairs = [([rng.randrange(8192) for _ in range(rng.choice([1, 7, 60]))], [0] + [rng.randrange(8192) for _ in range(n)])
             for n in (0, 5, 90, 33)]
    for name in list(SHAPES)[:1 if QUICK else None]:
        for seed in (1,) if QUICK else (1, 2):
            folder = weights_of(name, seed)
            path = write_recipe(recipe_of(folder, [{"lora": {"targets": ["attn.q"]}}], parent / "logits"))
            ours = dump_logits(path, [ids for pair in pairs for ids in pair], parent / "logits.safetensors", base=True)
            model = seq2seq.load(folder)
            with torch.no_grad():
                theirs = torch.cat([model(input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([read])).logits[0]
                                    for source, read in pairs])
            checks.add(f"logits of {name}, seed {seed} (to {theirs.abs().max():.0f})", largest(ours, theirs), 1e-4)


def save_hub_style(folder, to):
    """What the hub's files hold beside: the embedding again, and a table that nothing reads."""
    seq2seq.save(seq2seq.load(folder), to)
    tensors = load_file(to / "model.safetensors")
    for name in ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"):
        tensors[name] = tensors["shared.weight"].clone()
    tensors["decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"] = torch.ones(8, 4)
    save_file(tensors, to / "model.safetensors", {"format": "pt"})
    return to


def compare_curve(checks, case, parent):
    name, shape, (kind, options), build = case
    weights = weights_of(shape)
    content = recipe_of(weights, [{kind: options}], parent / name.replace(" ", "-").replace(",", ""))
    run = Run(content)
    reference = build(seq2seq.load(weights), (kind, kind, options))
    load_tensors(reference, start_of(run, kind, reference))
    data = content["data"]
    examples = seq2seq.read_examples(data["source"], data["max_length"], data["max_target_length"])
    theirs = train_reference(reference, examples, content["train"], STEPS)
    ours = run.steps()
    checks.add(f"{name} ({shape}): loss", relative(column(ours, "loss"), column(theirs, "loss")), 1e-5)
    checks.add(f"{name}: grad_norm", relative(column(ours, "grad_norm"), column(theirs, "grad_norm")), 1e-4)
    checks.add(f"{name}: tensors", tensor_distance(run.tensors(STEPS), found_of(reference)), 1e-4)
    checks.equal(f"{name}: tokens, learning rates", tokens_and_rates(ours), tokens_and_rates(theirs))
    compare_texts(checks, name, run, reference, examples, kind)
    if kind == "lora":
        compare_beams(checks, name, run, reference, examples)
    if build is PeftSeq2Seq:
        compare_folder(checks, name, run, reference, examples, parent)


def found_of(reference):
    """PEFT's prompt has rows that do nothing."""
    rows = getattr(reference, "rows", None)
    return {method: {name: tensor[:rows] for name, tensor in tensors.items()} for method, tensors in reference.found.items()}


def start_of(run, kind, reference):
    tensors = run.tensors(step=1)
    if hasattr(reference, "rows"):
        prompt = tensors[kind]["prompt"]
        tensors[kind]["prompt"] = torch.cat([prompt, torch.zeros_like(prompt)])
    return tensors


def compare_texts(checks, name, run, reference, examples, kind):
    """Greedy, without PEFT's loop: the whole sequence anew for each token."""
    tokenizer = seq2seq.PreTrainedTokenizerFast.from_pretrained(seq2seq.NANO_GPT2)
    rows = [json.loads(line) for line in open(scratch() / "pairs.jsonl", encoding="utf-8")]
    for number in (0,) if QUICK else (0, 3, 5):
        made = [0]
        while len(made) <= 20:
            with torch.no_grad():
                best = int(reference.logits(examples[number][0], made)[-1].argmax())
            if best == 0:
                break
            made.append(best)
        text = host("generate", run.folder, "--prompt", rows[number]["source"], "--max-new-tokens", 20)
        checks.equal(f"{name}: greedy text {number}, {len(made) - 1} tokens", text.removesuffix("\n"),
                     tokenizer.decode(made[1:], skip_special_tokens=True).removeprefix(" "))


def compare_beams(checks, name, run, reference, examples):
    """By transformers' own search."""
    tokenizer = seq2seq.PreTrainedTokenizerFast.from_pretrained(seq2seq.NANO_GPT2)
    rows = [json.loads(line) for line in open(scratch() / "pairs.jsonl", encoding="utf-8")]
    for number, beams, length_penalty in ((0, 4, 1.0), (3, 3, 0.5), (5, 2, 2.0)):
        made = reference.model.generate(input_ids=torch.tensor([examples[number][0]]), num_beams=beams, do_sample=False,
                                        length_penalty=length_penalty, max_new_tokens=20)[0, 1:]
        text = host("generate", run.folder, "--prompt", rows[number]["source"], "--max-new-tokens", 20, "--beams", beams,
                    "--length-penalty", length_penalty)
        checks.equal(f"{name}: text {number} of {beams} beams, {len(made)} tokens", text.removesuffix("\n"),
                     tokenizer.decode(made, skip_special_tokens=True).removeprefix(" "))


def compare_folder(checks, name, run, reference, examples, parent):
    """The exported folder, in PEFT."""
    from peft import PeftModel

    folder = parent / "exported" / run.folder.name
    host("export", run.folder, "--to", folder, "--format", "peft")
    loaded = PeftModel.from_pretrained(seq2seq.load(json_weights(run)), folder).eval()
    source, target = examples[1]
    read = [0, *target[:-1]]
    with torch.no_grad():
        theirs = loaded(input_ids=torch.tensor([source]), attention_mask=torch.ones(1, len(source), dtype=torch.long),
                        decoder_input_ids=torch.tensor([read])).logits[0]
    ours = dump_logits(run.folder, [source, read], parent / "exported.safetensors")
    checks.add(f"{name}: logits of the exported folder in PEFT", largest(ours, theirs), 1e-4)


def json_weights(run):
    import yaml

    return yaml.safe_load((run.folder / "recipe.yaml").read_text())["model"]["weights"]


def main():
    need_shared_data()
    checks = Checks("T5 against transformers and PEFT")
    parent = scratch() / "t5"
    parent.mkdir(exist_ok=True)
    seq2seq.write_pairs(scratch() / "pairs.jsonl", 40)
    compare_logits(checks, parent)
    hub = save_hub_style(weights_of("1.0"), parent / "hub")
    path = write_recipe(recipe_of(hub, [{"lora": {"targets": ["attn.q"]}}], parent / "hub-run"))
    checks.equal("the hub's leftovers", dump_logits(path, [[5, 6], [0, 7]], parent / "a.safetensors", base=True).tolist(),
                 dump_logits(write_recipe(recipe_of(weights_of("1.0"), [{"lora": {"targets": ["attn.q"]}}], parent / "b")),
                             [[5, 6], [0, 7]], parent / "b.safetensors", base=True).tolist())
    for case in [case for case in CASES if case[0] in ("lora", "ia3", "prefix as in the paper")] if QUICK else CASES:
        compare_curve(checks, case, parent)
    checks.finish()


if __name__ == "__main__":
    main()
