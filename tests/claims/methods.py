"""The table of methods at equal trained parameters on real conversations: method_table/ measures, this writes and compares.

Perplexities, parameters and memory are judged everywhere; times are told. --quick trains three rows with one seed at the
learning rates that the README gives.
"""

import json
import re
import statistics
import sys
import textwrap

import figure
from method_table import measure, rows, runs
from readme import ROOT

HEADER = ("| method | trained | perplexity | ± | time, of LoRA's | memory | learning rate |\n"
          "|---|--:|--:|--:|--:|--:|--:|\n")
QUICK = ("LoRA", "prefix", "LoRA + prefix")


def write_again(said, options):
    results = options.methods or measured(said, options)
    return render(json.loads(results.read_text(encoding="utf-8")))


def measured(said, options):
    sys.path.insert(0, str(ROOT / "tests" / "parity"))
    from support import environment

    if not environment.CONVERSATIONS.exists():
        raise figure.CannotTell(f"needs {environment.CONVERSATIONS}: PEFT_SHARED_DATA names the folder that holds "
                                "data/openassistant")
    amount = {}
    if options.quick:
        rates = {name: float(cells[-1].removesuffix(" ×")) for name, cells in parse(said).items() if cells[-1]}
        amount = {"rows": [row for row in rows.ROWS if row.name in QUICK], "seeds": measure.SEEDS[:1], "known": rates}
    return measure.measure(options.build, environment.CONVERSATIONS, options.build / "claims" / "methods", **amount)


def render(results):
    rounds = results["rounds"]
    names = sorted(rounds[0], key=lambda name: mean(rounds, name))
    larger = [name for name in names if name in results["larger"]]
    any_run = rounds[0][names[0]]
    base = f"| *the base* | 0 | {any_run['base']:.2f} | | | | |\n"
    lines = [as_line(results, name) for name in names if name not in larger]
    lines += [base, *(as_line(results, name) for name in larger)]
    return HEADER + "".join(lines) + "\n" + verdict(results, names) + "\n" + settings(rounds, any_run)


def values(rounds, name, key="perplexity"):
    return [found[name][key] for found in rounds]


def mean(rounds, name):
    return statistics.mean(values(rounds, name))


def as_line(results, name):
    rounds = results["rounds"]
    run = rounds[0][name]
    spread = f"{statistics.stdev(values(rounds, name)):.2f}" if len(rounds) > 1 else ""
    seconds = statistics.median(found[name]["seconds"] / found["LoRA"]["seconds"] for found in rounds)
    memory = max(values(rounds, name, "peak_bytes")) / 1e9
    factor = " ×" if name in results["hybrids"] else ""
    return (f"| {name} | {run['parameters']:,} | {mean(rounds, name):.2f} | {spread} | {seconds:.2f} × | {memory:.2f} GB "
            f"| {results['rates'][name]:g}{factor} |\n")


def verdict(results, names):
    """Which is best, said with what speaks for it: a hybrid is better where it is with every seed."""
    rounds, hybrids = results["rounds"], results["hybrids"]
    single = next(name for name in names if name not in hybrids and name not in results["larger"])
    hybrid = next((name for name in names if name in hybrids), None)
    if hybrid is None:
        return ""
    wins = sum(a < b for a, b in zip(values(rounds, hybrid), values(rounds, single)))
    figures = f"{mean(rounds, hybrid):.2f} against {mean(rounds, single):.2f} of {single}, the best single method"
    if wins == len(rounds):
        text = f"A hybrid is best: {hybrid}, {figures}, lower with each of {len(rounds)} seeds."
    else:
        text = f"No hybrid is clearly better: {hybrid} has {figures}, and is lower with {wins} of {len(rounds)} seeds."
    return textwrap.fill(text, 119) + "\n"


def settings(rounds, run):
    text = (f"The demo's model on OpenAssistant's English validation file, {run['steps']} steps of {runs.BATCH_SIZE} "
            f"conversations ({run['tokens']:,} tokens of {runs.EPOCHS} epochs), bfloat16, one thread; mean and standard "
            f"deviation of {len(rounds)} seeds. Of five conversation trees three are trained on, one chooses the learning "
            "rate (ones and threes, until both neighbours are worse), and one is scored here. The parts of a hybrid learn "
            "at the rates they have alone, times the factor in the last column, chosen in the same way. Time is the "
            f"processor's for the whole run, LoRA's {statistics.median(values(rounds, 'LoRA', 'seconds')):.0f} seconds.")
    return textwrap.fill(text, 119) + "\n"


def parse(text):
    """{row: its cells}"""
    lines = [line for line in text.splitlines()[2:] if line.startswith("| ")]
    return {name: cells for name, *cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)}


def best_is(text):
    return re.search(r"^(A hybrid|No hybrid)", text, re.MULTILINE)[1]


def number(cell):
    return float(re.match(r"[\d.,]+", cell)[0].replace(",", ""))


def figures(said, found):
    before, now = parse(said), parse(found)
    all_of_them = []
    for name, (trained, perplexity, _, seconds, memory, _) in before.items():
        if name not in now:
            all_of_them.append(figure.told(f"{name}: all", "the table", "-", "not measured this time"))
            continue
        there = now[name]
        all_of_them += [figure.equal(f"{name}: trained", trained, there[0]),
                        figure.at_most(f"{name}: perplexity", number(perplexity), number(there[1]), 1.02)]
        if seconds:
            all_of_them += [figure.told(f"{name}: time, of LoRA's", number(seconds), number(there[3]), "told"),
                            figure.at_most(f"{name}: GB", number(memory), number(there[4]), 1.2)]
    if before.keys() == now.keys():
        all_of_them.append(figure.equal("what is best", best_is(said), best_is(found)))
    return all_of_them
