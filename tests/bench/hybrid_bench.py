"""LoRA + prefix on GPT-2 over OpenAssistant: tokens per second and peak memory beside Hugging Face's, in turn.

    hybrid_bench.py [--size small|medium] [--steps N] [--rounds N]

The peer is transformers with PEFT's LoRA and a trainable cache, padded batches and sdpa attention; a second row is PEFT's
LoRA alone, which computes less. Every side trains on the same batches in the same order, in a process of its own, with as
many threads. Tokens are real ones, never padding; the first step of each process warms up and is not counted. The
machine drifts: only the ratios within one run mean anything.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "parity"))

from support import environment, host, models, openassistant  # noqa: E402

SIZES = {"tiny": (2, 64, 4), "small": (12, 768, 12), "medium": (24, 1024, 16)}
METHODS = [("lora", "lora", {"rank": 8, "alpha": 16}), ("prefix", "prefix", {"tokens": 20})]
MAX_LENGTH = 512
TRAIN = {"batch_size": 8, "learning_rate": 2e-4, "schedule": "linear", "warmup": 1}


def make_model(size, folder):
    layers, width, heads = SIZES[size]
    shape = models.Shape(layers, width, heads, positions=1024)
    models.save(models.random_model(shape), folder)


def run_ours(weights, folder, steps, threads):
    methods = [{kind: options} for _, kind, options in METHODS]
    content = host.recipe(weights, methods, folder / "run", steps=steps, data={"max_length": MAX_LENGTH},
                          train={**TRAIN, "checkpoint_every": 0})
    content["threads"] = threads
    content["evaluate"] = {"metrics": []}
    lines = host.Run(content).steps()
    return {"tokens": sum(line["tokens"] for line in lines[1:]), "seconds": sum(line["seconds"] for line in lines[1:]),
            "peak": max(line["peak_memory_bytes"] for line in lines), "losses": [line["loss"] for line in lines]}


def peer(weights, kind, steps, threads):
    """In a process of its own: prints one JSON line."""
    import torch
    from support import reference, training
    from transformers import GPT2LMHeadModel

    torch.set_num_threads(threads)
    model = GPT2LMHeadModel.from_pretrained(weights, dtype=torch.float32, attn_implementation="sdpa")
    methods = METHODS if kind == "hybrid" else METHODS[:1]
    tuned = reference.Composition(model, methods)
    for parameters in tuned.found.values():
        for name, parameter in parameters.items():
            torch.nn.init.zeros_(parameter) if name.endswith(".B") else torch.nn.init.normal_(parameter, std=0.02)
    encoder = openassistant.Encoder(weights)
    examples = [encoder.conversation(thread, MAX_LENGTH) for thread in openassistant.read_threads(environment.CONVERSATIONS)]
    optimizer = training.optimizer_of(tuned, TRAIN)
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    tokens, seconds = 0, 0.0
    for step, chosen in enumerate(training.batches(examples, TRAIN, steps)):
        started = time.perf_counter()
        (training.loss_sum(tuned, chosen) / training.count_targets(tuned, chosen)).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if step > 0:
            seconds += time.perf_counter() - started
            tokens += sum(len(ids) for ids, _ in chosen)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"tokens": tokens, "seconds": seconds, "peak": peak}))


def run_peer(weights, kind, steps, threads):
    done = subprocess.run([sys.executable, __file__, "--peer", kind, "--weights", weights, "--steps", str(steps),
                           "--threads", str(threads)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    quick = environment.QUICK
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="tiny" if quick else "small")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=1 if quick else 3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--peer", choices=["hybrid", "lora"], help=argparse.SUPPRESS)
    parser.add_argument("--weights", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        return peer(arguments.weights, arguments.peer, arguments.steps, arguments.threads)

    environment.need_shared_data()
    folder = environment.scratch()
    weights = folder / "model"
    make_model(arguments.size, weights)
    rows = {"peft-host, hybrid": lambda: run_ours(weights, folder, arguments.steps, arguments.threads),
            "HF, hybrid": lambda: run_peer(weights, "hybrid", arguments.steps, arguments.threads),
            "HF, LoRA alone": lambda: run_peer(weights, "lora", arguments.steps, arguments.threads)}
    measured = {name: [] for name in rows}
    for _ in range(arguments.rounds):
        for name, run in rows.items():
            measured[name].append(run())

    speed = {name: statistics.median(m["tokens"] / m["seconds"] for m in found) for name, found in measured.items()}
    peak = {name: statistics.median(m["peak"] for m in found) for name, found in measured.items()}
    ours = "peft-host, hybrid"
    print(f"GPT-2 {arguments.size}, float32, batch 8, at most {MAX_LENGTH} tokens, {arguments.threads} threads, "
          f"median of {arguments.rounds}")
    print(f"{'':20}{'tokens/s':>10}{'peak GB':>9}{'ours: speed ×':>15}{'memory ×':>10}")
    for name in rows:
        print(f"{name:20}{speed[name]:10.1f}{peak[name] / 1e9:9.2f}{speed[ours] / speed[name]:15.2f}"
              f"{peak[ours] / peak[name]:10.2f}")
    (Path(os.environ.get("PEFT_BUILD", environment.BUILD)) / "hybrid_bench.json").write_text(
        json.dumps({"size": arguments.size, "threads": arguments.threads, "tokens_per_second": speed, "peak_bytes": peak},
                   indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
