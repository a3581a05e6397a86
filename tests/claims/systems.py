"""The table of the systems' recipes in a small form: system_table/ trains and measures, this writes and compares.

--quick trains a few steps with one seed, and judges what does not depend on them. --systems RESULTS.json takes what was
measured before.
"""

import json
import os
import re
import statistics
import textwrap
from pathlib import Path

import figure
from readme import ROOT
from system_table import measure
from system_table.rows import A_FEW_STEPS, ROWS

A_FEW = r"A\s+few\s+steps"
HEADER = ("| recipe | trained | | base | tuned | change, ± over the seeds |\n"
          "|---|--:|---|--:|--:|--:|\n")


def write_again(_, options):
    results = options.systems or measured(options)
    return render(json.loads(results.read_text(encoding="utf-8")))


def measured(options):
    data = Path(os.environ.get("PEFT_SHARED_DATA", ROOT.parent / "shared")) / "data"
    missing = sorted({row.source for row in ROWS if not (data / row.source).exists()})
    if missing:
        raise figure.CannotTell(f"needs {', '.join(missing)} in {data}: PEFT_SHARED_DATA names the folder that holds data")
    amount = {"seeds": measure.SEEDS[:1], "more": A_FEW_STEPS} if options.quick else {}
    return measure.measure(options.build, data, options.build / "claims" / "systems", **amount)


def render(results):
    rounds = results["rounds"]
    lines = [as_line(row, [found[row.recipe] for found in rounds]) for row in ROWS]
    return HEADER + "".join(lines) + "\n" + settings(rounds, results.get("few_steps", False))


def as_line(row, runs):
    accuracy = row.metric == "accuracy"
    base, tuned = (statistics.mean(run[side] for run in runs) for side in ("base", "tuned"))
    written = "{:.1%}".format if accuracy else "{:.2f}".format
    return (f"| `{row.recipe}` | {runs[0]['trained']:,} of {runs[0]['total']:,} | {row.metric} | {written(base)} "
            f"| {written(tuned)} | {change(runs, accuracy)} |\n")


def change(runs, accuracy):
    """Run by run: each seed holds out other examples, which differ more than the trainings do."""
    each = [100 * (run["tuned"] - run["base"] if accuracy else run["tuned"] / run["base"] - 1) for run in runs]
    spread = f" ± {statistics.stdev(each):.1f}" if len(each) > 1 else ""
    return f"{statistics.mean(each):+.1f}{spread} {'points' if accuracy else '%'}"


def settings(rounds, few_steps):
    runs = [run for found in rounds for run in found.values()]
    alike = sum(run["reloaded_alike"] for run in runs)
    text = (f"{'A few steps of small' if few_steps else 'Small'} forms of the recipes, on real files with small models: the "
            "demo's GPT-2, MiniLM in DistilBERT's layout, "
            f"a T5 of three layers trained on news before. The mean of {len(rounds)} "
            f"{'seed' if len(rounds) == 1 else 'seeds'}; the rest of a source is held out by tree, question, document or "
            f"review. Of {len(runs)} runs {alike} gave the same evaluation to the last digit from their checkpoint in a new "
            "process.")
    return textwrap.fill(text, 119) + "\n"


def parse(text):
    """{recipe: its cells}"""
    lines = [line for line in text.splitlines()[2:] if line.startswith("| ")]
    return {name: cells for name, *cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)}


def number(cell):
    return float(cell.rstrip(" %"))


def reloaded(text):
    """[runs, of which alike]"""
    return re.search(r"Of (\d+) runs (\d+) gave", text.replace("\n", " ")).groups()


def figures(said, found):
    before, now = parse(said), parse(found)
    runs, alike = reloaded(found)
    all_of_them = [figure.equal("runs that reload alike", runs, alike)]
    few_steps = re.search(A_FEW, found) is not None
    for name, (trained, metric, base, tuned, _) in before.items():
        there = now[name]
        all_of_them.append(figure.equal(f"{name}: trained", trained, there[0]))
        if few_steps:
            all_of_them.append(figure.told(f"{name}: tuned", number(tuned), number(there[3]), "after a few steps: told"))
            continue
        accuracy = metric == "accuracy"
        # Seeds hold out other examples.
        all_of_them.append(figure.near(f"{name}: base", number(base), number(there[2]), 0.1 * number(base)))
        all_of_them.append(figure.at_least(f"{name}: tuned", number(tuned), number(there[3]), 0.95) if accuracy
                           else figure.at_most(f"{name}: tuned", number(tuned), number(there[3]), 1.05))
    return all_of_them
