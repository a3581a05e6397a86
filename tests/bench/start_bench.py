#!/usr/bin/env python3
"""How long peft-host takes to begin: verbs that compute nothing, a recipe's errors, and the first optimiser step.

Medians of nine starts each, of three for the step, the file caches warm; start.json in the build folder's bench/. A
training's start is everything that is no step: from exec to the first and from the last to the end, its checkpoint
included. The limits are those that this project has set itself.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "parity"))

from suite import machine, rows  # noqa: E402
from suite.contest import Contest  # noqa: E402
from support import environment, host  # noqa: E402

VERBS = [["--help"], ["--version"], ["recipes", "ls"], ["plugins", "list"]]
VERB_LIMIT, STEP_LIMIT = 0.100, 1.5


def seconds_of(command, expected):
    """Raises RuntimeError where the exit code is another."""
    started = time.perf_counter()
    done = subprocess.run(list(map(str, command)), capture_output=True, check=False, env=host.environment())
    seconds = time.perf_counter() - started
    if done.returncode != expected:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}, not {expected}:\n"
                           f"{done.stderr.decode()}")
    return seconds


def verbs(folder, starts):
    """(what, seconds) of each verb, and of a recipe with a mistake."""
    wrong = folder / "wrong.yaml"
    wrong.write_text("name: wrong\nmodle: {family: gpt2}\n", encoding="utf-8")
    for arguments, code in [*((verb, 0) for verb in VERBS), (["run", wrong], 2)]:
        name = " ".join("RECIPE WITH A MISTAKE" if part is wrong else part for part in arguments)
        yield name, statistics.median(seconds_of([host.PROGRAM, *arguments], code) for _ in range(starts))


def outside_steps(found):
    return found["process_seconds"] - sum(line["seconds"] for line in found["steps"])


def first_step(contest, size, starts):
    """(who, seconds): ours and Hugging Face's loop, in turn."""
    work = replace(rows.SMALL, size=size, steps=1, warm=0)
    contest.prepare([size])
    contest.ours(work, "cache")  # tokenises
    ours, theirs = [], []
    for number in range(starts):
        ours.append(outside_steps(contest.ours(work, f"ours-{number}")))
        theirs.append(outside_steps(contest.peer(rows.PADDED, work, f"peer-{number}")))
    return [("run, all but the step", statistics.median(ours)), ("the same of HF's loop", statistics.median(theirs))]


def main():
    environment.need_shared_data()
    quick = bool(os.environ.get("QUICK"))
    folder = environment.scratch()
    found = list(verbs(folder, 1 if quick else 9))
    lines = [f"peft-host {name:26}{1000 * seconds:8.0f} ms   ≤ {1000 * VERB_LIMIT:.0f}  "
             + ("ran" if quick else "reached" if seconds <= VERB_LIMIT else "NOT reached") for name, seconds in found]
    contest = Contest(folder, 1 if quick else machine.usable_processors())
    steps = first_step(contest, "tiny" if quick else "small", 1 if quick else 3)
    lines += [f"{name:36}{1000 * seconds:8.0f} ms" for name, seconds in steps]
    ours = steps[0][1]
    lines[-2] += f"   ≤ {1000 * STEP_LIMIT:.0f}  " + ("ran" if quick else "reached" if ours <= STEP_LIMIT else "NOT reached")
    print("\n".join(lines))
    output = environment.BUILD / "bench"
    output.mkdir(parents=True, exist_ok=True)
    (output / "start.json").write_text(json.dumps({"seconds": dict(found + steps)}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
