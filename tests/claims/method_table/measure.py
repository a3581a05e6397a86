"""All of it: a learning rate for each row by the choosing part, then rounds on the held-out part.

    measure(build, conversations, output) -> the path of its results, output/results.json

A round is every row once, with a seed of its own. Rows run one after the other on one thread: times are compared within
a round. The file is written anew after each row, so that one can look on.
"""

import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

from . import rates, texts
from .rows import ROWS, Hybrid, methods_of
from .runs import Runs

CHOOSING_SEED = 0
SEEDS = (1, 2, 3)


def choose(runs, row, chosen, say):
    """The rate of a row, or the factor of a hybrid on its parts' rates in `chosen`."""
    def perplexity(rate):
        result = runs.run(methods_of(row, rate, chosen), "choosing", CHOOSING_SEED)
        found = result.perplexity if result else float("inf")
        say(f"{row.name}: {rate:g} -> {found:.4f}")
        return found

    return rates.best(row.rate, perplexity)


def measure(build, conversations, output, rows=ROWS, seeds=SEEDS, known=None):
    """`known` are rates that need not be searched again, {name: rate}."""
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    results = {"rates": dict(known or {}), "rounds": [], "hybrids": [row.name for row in rows if isinstance(row, Hybrid)],
               "larger": [row.name for row in rows if row.larger]}

    def save():
        written = output / "results.json.tmp"
        written.write_text(json.dumps(results, indent=1, ensure_ascii=False), encoding="utf-8")
        os.replace(written, output / "results.json")

    def say(line):
        print(f"  {line}", flush=True)

    with tempfile.TemporaryDirectory(prefix="peft-methods-") as folder:
        runs = Runs(build, texts.split(conversations, folder), folder)
        for row in rows:
            if row.name not in results["rates"]:
                results["rates"][row.name] = choose(runs, row, results["rates"], say)
                save()
        for seed in seeds:
            results["rounds"].append(found := {})
            for row in rows:
                result = runs.run(methods_of(row, results["rates"][row.name], results["rates"]), "held-out", seed)
                if result is None:
                    raise RuntimeError(f"{row.name}: the rate chosen, {results['rates'][row.name]:g}, diverges with seed {seed}")
                found[row.name] = asdict(result)
                say(f"seed {seed}, {row.name}: {result.perplexity:.4f}, {result.seconds:.1f} s")
                save()
    return output / "results.json"
