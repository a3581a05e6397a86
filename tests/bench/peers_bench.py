#!/usr/bin/env python3
"""peft-host beside Hugging Face PEFT and TRL on this machine: tokens per second and peak memory, in turn.

    peers_bench.py [ROW …] [--rounds N] [--set KEY=VALUE …] [--full] [--quick]

README.md beside this file says what the rows are and how each figure comes about. Rows are chosen by the beginning of
their names; --list shows them. What is measured is written to results.json in the build folder's bench/ as it comes.
"""

import argparse
import concurrent.futures
import os
import shlex
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "parity"))

from suite import curves, drawing, gemm_share, machine, measure, rows  # noqa: E402
from suite.contest import Contest  # noqa: E402
from suite.report import Report  # noqa: E402
from support import environment, host  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--list", action="store_true", help="the rows, and nothing else")
    parser.add_argument("--rounds", type=int, help="how often each side is measured (3); medians are shown")
    parser.add_argument("--threads", type=int, help="of each process (as many as there are processors)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides",
                        help="a key of the recipes of ours: train.recompute=blocks")
    parser.add_argument("--steps", type=int, help="optimiser steps of every training row")
    parser.add_argument("--full", action="store_true", help="also the curves; with --quick, tiny ones")
    parser.add_argument("--quick", action="store_true", default=environment.QUICK,
                        help="tiny models, one round: whether every row runs and the losses agree")
    parser.add_argument("--output", type=Path, default=environment.BUILD / "bench")
    # `make bench` has no other way to pass them on.
    passed = shlex.split(os.environ.get("ROWS", "")) + shlex.split(os.environ.get("ARGS", ""))
    options = parser.parse_args(sys.argv[1:] + passed)
    if options.steps is not None and options.steps < 2:
        parser.error("--steps: the first step warms up and is not counted: give at least 2")
    # What is only to be seen running runs two at a time, a thread each.
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.threads = options.threads or (1 if options.quick else machine.usable_processors())
    return options


def chosen_rows(options):
    found = rows.chosen(options.rows)
    if options.quick:
        found = [rows.quick(row) for row in found]
    if options.steps:
        found = [rows.with_steps(row, options.steps) for row in found]
    return found


class Bench:
    def __init__(self, options, found):
        self.options, self.rows = options, found
        self.facts = machine.facts(host.PROGRAM)
        options.output.mkdir(parents=True, exist_ok=True)
        self.report = Report(options.output / "results.json", self.facts,
                             {"rounds": options.rounds, "threads": options.threads, "quick": options.quick,
                              "overrides": options.overrides})
        self.contest = Contest(environment.scratch(), options.threads, options.overrides)
        self.curves = []
        if options.full:
            self.curves = curves.curves("tiny", 64) if options.quick else curves.curves()
        self.failed = []

    def prepare(self):
        print(machine.describe(self.facts), flush=True)
        print("preparing models with random weights …", flush=True)
        sizes = {row.work.size for row in self.rows} | curves.sizes(self.curves)
        # A size by name first: its tokeniser encodes the texts.
        self.contest.prepare(sorted(sizes | ({"tiny"} if all(isinstance(size, tuple) for size in sizes) else set()),
                                    key=lambda size: (isinstance(size, tuple), size)))

    def guarded(self, name, work, keep):
        """A failure is told and kept, and the rest goes on."""
        try:
            work()
        except Exception as problem:  # noqa: BLE001: whatever it is, the others are still worth measuring
            self.failed.append(name)
            keep(measure.explain(problem))
            print(f"{name}: FAILED: {measure.explain(problem)}", file=sys.stderr, flush=True)

    def measure_row(self, row):
        reason = measure.skip_reason(row)
        if reason:
            print(f"{row.name}: skipped: {reason}", flush=True)
            self.report.add(row, "skipped", reason)
            return

        def work():
            found, failures = measure.measure(row, self.contest, self.options.rounds,
                                              lambda line: print(f"{row.name:18} {line}", flush=True),
                                              lambda *one: self.report.keep(row, *one))
            self.report.finish(row, found, failures)
            self.failed += [f"{row.name} ({peer})" for peer in failures]
            if row.name in gemm_share.SHARED_ROWS[:1 if self.options.quick else None] and len(found) > 1:
                self.report.add(row, "gemm", gemm_share.share(row, found, self.contest))

        self.guarded(row.name, work, lambda reason: self.report.add(row, "failed", {"ours": reason}))

    def measure_curve(self, curve):
        def work():
            points = curves.measure(curve, self.contest, lambda line: print(line, flush=True))
            self.report.curve(curve.name, points)
            (self.options.output / f"{curve.name}.svg").write_text(drawing.draw(curve.label, points), encoding="utf-8")

        self.guarded(f"curve {curve.name}", work, lambda reason: self.report.curve(curve.name, reason))

    def run(self):
        self.prepare()
        with concurrent.futures.ThreadPoolExecutor(2 if self.options.quick else 1) as pool:
            list(pool.map(self.measure_row, self.rows))
            list(pool.map(self.measure_curve, self.curves))
        print("\n" + machine.describe(self.facts) + "\n\n" + self.report.tables(self.rows))
        print(f"\n{self.report.path}")
        if self.failed:
            print(f"failed: {', '.join(self.failed)}")
        return 1 if self.failed else 0


def main():
    options = arguments()
    found = chosen_rows(options)
    if options.list:
        print("\n".join(f"{row.name:20}{row.title}" for row in found))
        return 0
    environment.need_shared_data()
    return Bench(options, found).run()


if __name__ == "__main__":
    sys.exit(main())
