"""The capture of `make demo`: what recipes/demo/demo.sh left in runs/, or leaves now.

The notebook trains by the same recipe, so what it shows must be the demo's. After a change of the demo:

    make claims ARGS="demo --write"
    python3 tests/support/run_notebook.py recipes/notebooks/hybrid.ipynb --write
"""

import re
import subprocess

import figure
from readme import ROOT

SCRIPT = ROOT / "recipes" / "demo" / "demo.sh"
SUMMARY = ROOT / "runs" / "demo-summary.txt"
NOTEBOOK = ROOT / "recipes" / "notebooks" / "hybrid.ipynb"


def write_again(_, options):
    """The summary up to what to do next."""
    kept = subprocess.run([SCRIPT, "--if-done"], check=False, stdout=subprocess.DEVNULL).returncode == 0
    if not kept and options.quick:
        raise figure.CannotTell("needs a finished `make demo` (the full form makes one, in minutes)")
    if not kept:
        subprocess.run([SCRIPT], check=True)
    text = SUMMARY.read_text(encoding="utf-8").split("\nThe runs are in ")[0].strip("\n")
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    lines = re.sub(r"\n{3,}", "\n\n", lines)
    return f"```text\n$ make demo\n…\n{lines}\n```\n"


def rows(text):
    """{method: (parameters, perplexity, BLEU, exact match in %, replies that stop in %)}"""
    pattern = r"^(\w+) +(\d+) +([\d.]+) +([\d.]+) +(\d+) % +(\d+) %$"
    return {name: tuple(map(float, numbers)) for name, *numbers in re.findall(pattern, text, re.MULTILINE)}


def hashes(text):
    return re.findall(r"\b[0-9a-f]{64}\b", text)


def in_notebook():
    """(base, tuned) of each table that the notebook's outputs hold."""
    return re.findall(r"\bperplexity +([\d.]+) +([\d.]+)", NOTEBOOK.read_text(encoding="utf-8"))


def figures(said, found):
    before, now = rows(said), rows(found)
    if not before or before.keys() != now.keys() or len(hashes(found)) != 2:
        raise ValueError(f"expected the table of {list(before)} and two hashes; found {list(now)} and {len(hashes(found))}")
    all_of_them = []
    for name, (parameters, perplexity, bleu, exact, stopped) in before.items():
        there = now[name]
        all_of_them += [
            figure.equal(f"{name}: trained", parameters, there[0]),
            figure.at_most(f"{name}: perplexity", perplexity, there[1], 1.1),
            figure.near(f"{name}: BLEU", bleu, there[2], 5),
            figure.near(f"{name}: exact match, %", exact, there[3], 10),
            figure.near(f"{name}: stops, %", stopped, there[4], 10),
        ]
    for perplexities in in_notebook():
        for name, perplexity in zip(["base", "hybrid"], perplexities):
            all_of_them.append(figure.near(f"{name}: perplexity, in the notebook", before[name][1], float(perplexity), 0.01))
    # Which bits they are depends on the processor; that they are the same does not.
    straight, resumed = hashes(found)
    return [*all_of_them, figure.equal("hash after kill and resume", straight, resumed)]
