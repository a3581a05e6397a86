"""Transformers' generate, greedy: seconds of a whole call, after one that warms up.

`cache`: `dynamic`, its default, or `static`. Prompts of several lengths are padded on the left, as it asks for.
"""

import time

import causal_lm
import torch
import work
from support.reference import pad


def main():
    spec = work.read()
    model = causal_lm.base(spec).eval()
    # Nothing ends early, here as in ours.
    model.generation_config.eos_token_id = None
    model.generation_config.pad_token_id = 0
    prompts = [ids[::-1] for ids in spec["prompts"]]
    ids = pad(prompts, 0).flip(1)
    mask = pad([[1] * len(prompt) for prompt in prompts], 0).flip(1)
    options = {"cache_implementation": "static"} if spec["cache"] == "static" else {}
    seconds = []
    with torch.inference_mode():
        for _ in range(1 + spec["repeats"]):
            started = time.perf_counter()
            made = model.generate(ids, attention_mask=mask, do_sample=False, max_new_tokens=spec["new_tokens"], **options)
            seconds.append(time.perf_counter() - started)
    work.answer({"seconds": seconds[1:], "ids": made[:, ids.shape[1]:].tolist()})


if __name__ == "__main__":
    main()
