#!/usr/bin/env python3
"""What `validate` foretells of a run's peak memory beside what the run takes, over models, methods and settings.

    memory_bench.py [ROW …] [--list] [--threads N] [--set KEY=VALUE …]

Rows are chosen by the beginning of their names. "foretold" is validate's estimate, "taken" the largest resident set of the
whole process of `run` as the kernel counted it. Ends with 1 where the two are further apart than 15 %, with 77 where there
are no real texts. Needs the Python environment of `make bench`; README.md beside this file says how to start it.
"""

import argparse
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "parity"))

from suite import machine, process  # noqa: E402
from suite.contest import Contest  # noqa: E402
from suite.rows import LORA, PREFIX, PROMPT, Work  # noqa: E402
from support import environment, host  # noqa: E402

LIMIT = 0.15
WIDE_LORA = ("lora", {"rank": 64, "alpha": 64, "targets": ["attn.qkv", "attn.out", "mlp.in", "mlp.out"]})
FULL = ("full", {})
SCORED = {"evaluate": {"metrics": ["perplexity"], "examples": 32}}
GENERATED = {"evaluate": {"metrics": [], "prompts": ["### Human: Why is the sky blue?### Assistant:"]}}


@dataclass(frozen=True)
class Row:
    name: str
    work: Work
    train: dict = field(default_factory=dict)
    other: dict = field(default_factory=dict)  # keys of the recipe


def small(name, methods, steps=2, train=None, other=None, **work):
    return Row(f"small-{name}", Work("small", methods, steps=steps, **work), train or {}, other or {})


def medium(name, methods, steps=2, train=None, other=None, **work):
    return Row(f"medium-{name}", Work("medium", methods, steps=steps, **work), train or {}, other or {})


OFF, BLOCKS = {"tokens_per_microbatch": "off"}, {"recompute": "blocks"}
BF16 = {"dtype": "bfloat16"}

ROWS = [
    small("lora", (LORA,)),
    small("lora-bf16", (LORA,), **BF16),
    small("lora-off", (LORA,), train=OFF),
    small("lora-off-bf16", (LORA,), train=OFF, **BF16),
    small("lora-256", (LORA,), train={"tokens_per_microbatch": 256}),
    small("lora-blocks", (LORA,), train=BLOCKS | OFF),
    small("lora-wide", (WIDE_LORA,)),
    small("lora-wide-bf16", (WIDE_LORA,), **BF16),
    small("lora-long", (LORA,), train=OFF, batch_size=2, max_length=1024),
    small("lora-short-bf16", (LORA,), train=OFF, batch_size=32, max_length=96, **BF16),
    small("lora-scored", (LORA,), train={"tokens_per_microbatch": 64}, other=SCORED, batch_size=2),
    small("lora-answers", (LORA,), train={"tokens_per_microbatch": 64}, other=GENERATED, batch_size=2),
    small("prefix", (PREFIX,)),
    small("prompt", (PROMPT,)),
    small("prompt-off-bf16", (PROMPT,), train=OFF, **BF16),
    small("hybrid-blocks-bf16", (LORA, PREFIX), train=BLOCKS, **BF16),
    small("full", (FULL,)),
    small("full-bf16", (FULL,), **BF16),
    medium("hybrid", (LORA, PREFIX)),
    medium("hybrid-256-blocks", (LORA, PREFIX), train=BLOCKS | {"tokens_per_microbatch": 256}),
    medium("lora-bf16", (LORA,), **BF16),
    medium("full", (FULL,), steps=1, batch_size=4),
]


class Bench:
    def __init__(self, options):
        self.overrides = options.overrides
        self.contest = Contest(environment.scratch(), options.threads)

    def recipe(self, row):
        content = self.contest.recipe(row.work, row.name) | row.other
        content["train"] |= row.train
        return host.write_recipe(content)

    def foretold(self, recipe):
        said = json.loads(host.host("validate", recipe, "--json", *self.overrides))
        return said["preflight"]["memory_estimate_bytes"]

    def taken(self, recipe, name):
        command = [host.PROGRAM, "run", recipe, *self.overrides]
        return process.run(command, host.environment(), self.contest.folder / name).peak_bytes

    def measure(self, row):
        """(foretold, taken), in bytes."""
        recipe = self.recipe(row)
        return self.foretold(recipe), self.taken(recipe, row.name)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--list", action="store_true", help="the rows, and nothing else")
    parser.add_argument("--threads", type=int, default=machine.usable_processors())
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides",
                        help="a key of the recipes: train.recompute=blocks")
    return parser.parse_args()


def main():
    options = arguments()
    rows = [row for row in ROWS if not options.rows or row.name.startswith(tuple(options.rows))]
    if options.list:
        print("\n".join(row.name for row in rows))
        return 0
    environment.need_shared_data()
    bench = Bench(options)
    bench.contest.prepare(sorted({row.work.size for row in rows}))
    print(f"{'':22}{'foretold':>10}{'taken':>10}{'off by':>9}")
    far = 0
    for row in rows:
        if row.work.dtype == "bfloat16" and not machine.has_bf16():
            print(f"{row.name:22}skipped: this processor has no bfloat16 dot product", flush=True)
            continue
        foretold, taken = bench.measure(row)
        difference = foretold / taken - 1
        far += abs(difference) > LIMIT
        print(f"{row.name:22}{foretold / 1e9:>7.2f} GB{taken / 1e9:>7.2f} GB{difference:>+8.1%}", flush=True)
    return 1 if far else 0


if __name__ == "__main__":
    sys.exit(main())
