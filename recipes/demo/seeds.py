#!/usr/bin/env python3
"""Trains the demo's three recipes on several seeds: mean and spread of the table that `make demo` shows of one.

    seeds.py [SEED …] [--host build/peft-host]      by default seeds 7 (the demo's), 8 and 9

A training has one thread, and as many run side by side as there are processors: the quickest for several. The runs are
in runs/demo-seeds/VERSION/METHOD-SEED, VERSION being that of the demo's files: figures of another version are never
mixed in. What is done is not done again; what was interrupted goes on.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "recipes" / "demo"
RECIPES = {"LoRA": DEMO / "lora.yaml", "prefix": DEMO / "prefix.yaml", "hybrid": ROOT / "recipes" / "demo.yaml"}
SEEDS = [7, 8, 9]

# A column: its head, the figure's name, what it is multiplied by, digits, unit.
COLUMNS = [
    ("perplexity", "perplexity", 1, 2, ""),
    ("BLEU", "bleu", 1, 1, ""),
    ("exact match", "exact_match", 100, 0, " %"),
    ("stops", "stopped", 100, 0, " %"),
]


def version():
    """Of everything that the figures depend on, but for the program."""
    files = [*RECIPES.values(), *sorted(DEMO.glob("*.jsonl")), *sorted((DEMO / "model").iterdir())]
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:8]


def run_folder(method, seed):
    return ROOT / "runs" / "demo-seeds" / version() / f"{method.lower()}-{seed}"


def is_done(seeds=SEEDS):
    return all((run_folder(method, seed) / "evaluation.json").exists() for method in RECIPES for seed in seeds)


def train(host, method, seed):
    """Makes the run where it is not there."""
    folder = run_folder(method, seed)
    if (folder / "evaluation.json").exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    log = folder.with_suffix(".log")
    with log.open("a", encoding="utf-8") as said:
        done = subprocess.run([host, "run", RECIPES[method], f"seed={seed}", "threads=1", f"output={folder}", "--resume"],
                              check=False, cwd=ROOT, stdout=said, stderr=said)
    if done.returncode:
        raise RuntimeError(f"{method}, seed {seed}: the training ended with {done.returncode}; what it said is in {log}")
    print(f"{method}, seed {seed}: done", file=sys.stderr, flush=True)


def evaluation(method, seed):
    return json.loads((run_folder(method, seed) / "evaluation.json").read_text(encoding="utf-8"))


def spread(values, factor, digits, unit):
    """Mean ± standard deviation of the sample; a single value as it is."""
    values = [factor * value for value in values]
    mean = f"{statistics.mean(values):.{digits}f}"
    return mean + (f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else "") + unit


def row(label, parameters, figures):
    cells = [spread([one[name] for one in figures], *how) for _, name, *how in COLUMNS]
    return f"{label:<8} {parameters:>8}" + "".join(f"{cell:>16}" for cell in cells)


def table(host, seeds):
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as side_by_side:
        for training in [side_by_side.submit(train, host, method, seed) for seed in seeds for method in RECIPES]:
            training.result()
    runs = {method: [evaluation(method, seed) for seed in seeds] for method in RECIPES}
    lines = [f"seeds {', '.join(map(str, seeds))}: mean ± standard deviation", "",
             f"{'':<8} {'trained':>8}" + "".join(f"{head:>16}" for head, *_ in COLUMNS),
             row("base", 0, [runs["hybrid"][0]["base"]])]
    for method, of_one in runs.items():
        lines.append(row(method, of_one[0]["trainable_parameters"], [one["tuned"] for one in of_one]))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seeds", nargs="*", type=int, metavar="SEED")
    parser.add_argument("--host", type=Path, default=ROOT / "build" / "peft-host")
    options = parser.parse_args()
    seeds = options.seeds or SEEDS
    if len(set(seeds)) != len(seeds) or len(seeds) < 2:
        parser.error(f"found seeds {seeds}, expected two or more that differ: of one there is no spread")
    try:
        print(table(options.host.resolve(), seeds))
    except RuntimeError as failed:
        print(f"seeds.py: error: {failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
