#!/usr/bin/env python3
"""Greedy continuations and those of beam search against transformers' generate, token for token: base, LoRA, prefix,
both; with and without penalties on repetition and length."""

import torch

from support import models
from support.checks import Checks
from support.environment import NANO_GPT2, QUICK, need_shared_data, scratch
from support.host import Run, host, recipe
from support.models import Shape
from support.openassistant import Encoder
from support.reference import Composition, Peft, load_tensors

LORA = ("lora", "lora", {"rank": 8, "alpha": 16, "targets": ["attn.qkv", "attn.out"]})
PREFIX = ("prefix", "prefix", {"tokens": 6, "projection": True})
PROMPT = ("prompt", "prompt", {"tokens": 4})
PROMPTS = ["User: I need a table for two at seven.\nAssistant:", "### Human: Why is the sky blue?\n### Assistant:",
           "The", "   spaces,\nlines, émigré — 日本語 and 🙂"]


def logits(reference, sequence):
    with torch.no_grad():
        return reference(torch.tensor([sequence]), torch.ones(1, len(sequence), dtype=torch.long))[0, -1]


def greedy(reference, ids, new_tokens, penalty, end):
    """For what PEFT cannot put together: the whole sequence anew for each token, without a cache."""
    sequence = list(ids)
    for _ in range(new_tokens):
        scores = logits(reference, sequence)
        seen = torch.tensor(sorted(set(sequence)))
        chosen = scores[seen]
        scores[seen] = torch.where(chosen < 0, chosen * penalty, chosen / penalty)
        best = int(scores.argmax())
        if best == end:
            break
        sequence.append(best)
    return sequence[len(ids):]


def hugging_face(model, ids, new_tokens, penalty, end, beams=1, length_penalty=1.0):
    """The loop and the cache of transformers, adapters by PEFT."""
    model.generation_config.pad_token_id = end
    made = model.generate(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long),
                          do_sample=False, max_new_tokens=new_tokens, repetition_penalty=penalty, num_beams=beams,
                          length_penalty=length_penalty)[0].tolist()
    made = made[len(ids):]
    return made[:made.index(end)] if end in made else made


# (penalty on repetition, beams, penalty on length)
GREEDY = [(1.0,), (1.3,)]
BEAMS = [(1.0, 4, 1.0), (1.2, 3, 0.0), (1.0, 2, 2.5)]


def compare(checks, title, run, continuation, tokenizer, base=False, settings=GREEDY):
    new_tokens = 24 if QUICK else 40
    for number, prompt in enumerate(PROMPTS[:1] if QUICK else PROMPTS):
        for penalty, *searched in settings:
            ids = tokenizer.encode(prompt, add_special_tokens=False)
            expected = continuation(ids, new_tokens, penalty, tokenizer.eos_token_id, *searched)
            beams = ["--beams", searched[0], "--length-penalty", searched[1]] if searched else []
            text = host("generate", run.folder, "--prompt", prompt, "--raw", "--max-new-tokens", new_tokens,
                        "--repetition-penalty", penalty, *beams, *(["--base"] if base else []))
            what = f"{title}, prompt {number}, penalty {penalty}" + (f", beams {searched}" if searched else "")
            checks.equal(f"{what}: {len(expected)} tokens", text.removesuffix("\n"),
                         tokenizer.decode(expected, skip_special_tokens=True))


def adapted(reference, run):
    load_tensors(reference, run.tensors(step=6))
    return reference.eval()


def main():
    need_shared_data()
    checks = Checks("greedy and searched continuations against transformers")
    parent = scratch()
    tokenizer = Encoder(NANO_GPT2).tokenizer
    made = models.save(models.random_model(Shape(3, 128, 8), 1), parent / "random")
    for name, weights in (("nano", NANO_GPT2), ("random", made)):
        for title, methods in (("lora", [LORA]), ("prefix", [PREFIX]), ("both", [LORA, PREFIX]),
                               ("lora, prefix, prompt", [LORA, PREFIX, PROMPT])):
            if QUICK and name == "random" and title != "both":
                continue
            run = Run(recipe(weights, [{kind: options} for _, kind, options in methods], parent / f"{name}-{title}",
                             steps=6, train={"learning_rate": 1e-2, "schedule": "constant", "checkpoint_every": 6}))
            if title == "lora":
                base = models.load(weights)
                compare(checks, f"{name}, base", run, lambda *a: hugging_face(base, *a), tokenizer, True, GREEDY + BEAMS)
            if len(methods) == 1:
                reference = adapted(Peft(models.load(weights), methods[0]), run)
                compare(checks, f"{name}, {title}", run, lambda *a: hugging_face(reference.model, *a), tokenizer,
                        settings=GREEDY + BEAMS)
            else:
                reference = adapted(Composition(models.load(weights), methods), run)
                compare(checks, f"{name}, {title}", run, lambda *a: greedy(reference, *a), tokenizer)
    checks.finish()


if __name__ == "__main__":
    main()
