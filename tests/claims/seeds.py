"""The demo's figures over several seeds: what recipes/demo/seeds.py leaves in runs/, or makes now.

The whole table stands in recipes/demo/README.md, and must be of the same runs. After a change of the demo:

    python3 recipes/demo/seeds.py               # for recipes/demo/README.md
    make claims ARGS="seeds --write"
"""

import importlib.util
import re
import textwrap

import figure
from readme import ROOT

SCRIPT = ROOT / "recipes" / "demo" / "seeds.py"
WHOLE_TABLE = ROOT / "recipes" / "demo" / "README.md"
SPREAD = r"([\d.]+) ± ([\d.]+)"


def script():
    spec = importlib.util.spec_from_file_location("demo_seeds", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def in_table(text):
    """{method: (perplexity, its spread, exact match in %, its spread)}"""
    pattern = rf"^(\w+) +\d+ +{SPREAD} +[\d.]+ ± [\d.]+ +{SPREAD} %"
    return {name: tuple(map(float, numbers)) for name, *numbers in re.findall(pattern, text, re.MULTILINE)}


def in_line(text):
    """The same, of the README's line."""
    pattern = rf"(\w+)\s+{SPREAD}\s+and\s+{SPREAD} %"
    return {name: tuple(map(float, numbers)) for name, *numbers in re.findall(pattern, text.replace("\n", " "))}


def write_again(_, options):
    demo = script()
    if not demo.is_done() and options.quick:
        raise figure.CannotTell(f"needs the runs of {SCRIPT.relative_to(ROOT)} (the full form makes them, in a quarter of an hour)")
    rows = in_table(demo.table((options.build / "peft-host").resolve(), demo.SEEDS))
    *others, last = map(str, demo.SEEDS)
    told = ", ".join(f"{name} {perplexity:.2f} ± {of_it:.2f} and {exact:.0f} ± {of_them:.0f} %"
                     for name, (perplexity, of_it, exact, of_them) in rows.items())
    line = (f"Over the seeds {', '.join(others)} and {last}, perplexity and exact match come out, mean ± standard "
            f"deviation, at: {told}.")
    return textwrap.fill(figures_kept_whole(line), 120, break_on_hyphens=False).replace("\N{NO-BREAK SPACE}", " ") + "\n"


def figures_kept_whole(line):
    """"58 ± 2 %" is no place to break a line at."""
    return re.sub(r" (?=[±%])|(?<=±) ", "\N{NO-BREAK SPACE}", line)


def figures(said, found):
    before, now = in_line(said), in_line(found)
    if not before or before.keys() != now.keys():
        raise ValueError(f"expected figures of {list(before)}, found {list(now)}")
    all_of_them = []
    for name, (perplexity, of_it, exact, of_them) in before.items():
        there = now[name]
        all_of_them += [
            figure.at_most(f"{name}: perplexity, mean", perplexity, there[0], 1.1),
            figure.near(f"{name}: perplexity, spread", of_it, there[1], 0.1 * perplexity),
            figure.near(f"{name}: exact match, mean, %", exact, there[2], 10),
            figure.near(f"{name}: exact match, spread, %", of_them, there[3], 10),
        ]
    whole = in_table(WHOLE_TABLE.read_text(encoding="utf-8"))
    return [*all_of_them, figure.equal("the same in recipes/demo/README.md", before, whole)]
