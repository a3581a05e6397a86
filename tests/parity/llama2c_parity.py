#!/usr/bin/env python3
"""Two real models of the Llama kind, trained by others: converted from llama2.c's format, they go on with a story as
transformers does, give text like theirs the perplexity it gives, and learn something else by LoRA."""

import json
import math
import subprocess
import sys

import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from support.checks import Checks, relative
from support.environment import QUICK, ROOT, SHARED, scratch
from support.host import Run, host, recipe

MODELS = {"stories260K": ("stories260K.bin", "stories260K_tok512.bin"),
          "babyllama": ("babyllama_tok105_model5000.bin", "babyllama_tok105.vocab")}
DIALOGUES = SHARED / "data" / "dialogues" / "sgd_train.jsonl"
TRAINED, HELD_OUT = (60, 20) if QUICK else (300, 40)
MAX_LENGTH = 200  # tokens; of babyllama's 256
END = 1  # <s>, which also begins each of the texts they were trained on

# Written for this test, of the kind that both models were trained on.
STORIES = [
    "Once upon a time, there was a little boy named Tom. He had a red ball. One day, he took the ball to the park. He saw "
    "a big dog. The dog wanted to play with him. Tom threw the ball and the dog ran to get it. They were very happy.",
    "One day, a girl named Mia went to the beach with her mom. She saw a shiny shell in the sand. \"Look, mom!\" she said. "
    "Her mom smiled and said, \"It is very pretty.\" Mia took the shell home and put it next to her bed.",
    "There was a small bird who lived in a tall tree. The bird was sad because she could not find her nest. A kind rabbit "
    "saw her and said, \"I can help you.\" They looked and looked. At last they found the nest. The bird was happy.",
    "Sam and Lily were best friends. They liked to build things with blocks. One day, Sam wanted the big blue block. Lily "
    "wanted it too. They were angry. Then Lily said, \"We can share.\" They made a big house together.",
    "Once there was a cat named Max. Max liked to sleep in the sun. One day it started to rain and Max was all wet. A girl "
    "gave him a warm towel. Max was not cold any more. He loved the girl very much.",
    "Ben had a toy car. It was fast and green. He took it outside to play. The car went into the mud. Ben was sad. His dad "
    "said, \"Do not worry. We can wash it.\" They washed the car and it was clean again.",
]


def convert(name, folder):
    weights, pieces = MODELS[name]
    subprocess.run([sys.executable, ROOT / "tests" / "support" / "convert_llama2c.py", SHARED / "weights" / weights,
                    SHARED / "tokenizers" / pieces, folder], check=True)
    return folder


def perplexity(model, sequences):
    """Of every token but a sequence's first."""
    nll = tokens = 0.0
    for ids in sequences:
        with torch.no_grad():
            nll += model(torch.tensor([ids]), labels=torch.tensor([ids])).loss.item() * (len(ids) - 1)
        tokens += len(ids) - 1
    return math.exp(nll / tokens)


def encoded(tokenizer, texts):
    """As the dataset `text` has them: as the tokeniser begins a text, then what ends one, cut at the most there may be."""
    return [(tokenizer.encode(text) + [END])[:MAX_LENGTH] for text in texts]


def write_texts(path, texts):
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return str(path)


def dialogues():
    """Texts of service dialogues, as transcripts."""
    texts = []
    with open(DIALOGUES, encoding="utf-8") as lines:
        for line in lines:
            messages = json.loads(line)["messages"]
            texts.append("\n".join(f"{message['role'].title()}: {message['content']}" for message in messages))
            if len(texts) == TRAINED + HELD_OUT:
                return texts


def run_on(weights, folder, name, train, held_out, **settings):
    data = {"dataset": "text", "source": train, "validation": held_out, "max_length": MAX_LENGTH, "shuffle": True}
    content = recipe(weights, [{"lora": {"rank": 8, "alpha": 16,
                                         "targets": ["attn.qkv", "attn.out", "mlp.gate", "mlp.in", "mlp.out"]}}],
                     folder / name, data=data)
    content["train"] = {"epochs": 1, "batch_size": 8, "learning_rate": 5e-3, "schedule": "cosine", "warmup": 0.1,
                        "checkpoint_every": 0, **settings}
    content["evaluate"] = {"metrics": ["perplexity"], "examples": 1000}
    run = Run(content)
    return run, json.loads((run.folder / "evaluation.json").read_text(encoding="utf-8"))


def check(name, checks, folder):
    weights = convert(name, folder / "weights")
    model = AutoModelForCausalLM.from_pretrained(weights, dtype=torch.float32)
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(weights / "tokenizer.json"))
    stories = write_texts(folder / "stories.jsonl", STORIES)
    texts = dialogues()
    train = write_texts(folder / "train.jsonl", texts[:TRAINED])
    held_out = write_texts(folder / "held_out.jsonl", texts[TRAINED:])

    _, before = run_on(weights, folder, "stories", train, stories, steps=1)
    ids = encoded(tokenizer, STORIES)
    theirs = perplexity(model, ids)
    checks.add(f"{name}: perplexity of stories, {theirs:.2f}", relative([before["base"]["perplexity"]], [theirs]), 1e-4)

    run, after = run_on(weights, folder, "dialogues", train, held_out, epochs=2 if QUICK else 4)
    ids = encoded(tokenizer, texts[TRAINED:])
    theirs = perplexity(model, ids)
    base, tuned = after["base"]["perplexity"], after["tuned"]["perplexity"]
    checks.add(f"{name}: perplexity of dialogues, {theirs:.2f}", relative([base], [theirs]), 1e-4)
    checks.add(f"{name}: {tuned:.2f} after LoRA on {TRAINED} others, of it", tuned / base, 0.5)

    begin = "Once upon a time"
    ours = begin + host("generate", run.folder, "--base", "--raw", "--prompt", begin, "--max-new-tokens", 120)
    ids = torch.tensor([tokenizer.encode(begin)])
    made = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=120,
                          pad_token_id=2)[0]
    checks.equal(f"{name}: greedy story", ours.removesuffix("\n"), tokenizer.decode(made, skip_special_tokens=True))
    print(f"{name}, base: {ours}{name}, tuned: User:"
          + host("generate", run.folder, "--raw", "--prompt", "User:", "--max-new-tokens", 120))


def main():
    for path in (SHARED / "weights" / MODELS["babyllama"][0], DIALOGUES):
        if not path.exists():
            print(f"nothing to compare: {path} is not there")
            sys.exit(77)
    checks = Checks("real models of llama2.c's format, against transformers")
    for name in MODELS:
        (scratch() / name).mkdir()
        check(name, checks, scratch() / name)
    checks.finish()


if __name__ == "__main__":
    main()
