"""The table of speed, memory and loss beside HF PEFT: `make bench`'s rows, or its results where they are given.

Speeds depend on the machine, so ratios are judged, and only on a processor of the same kind: elsewhere they are told.
Memory and losses are judged everywhere.
"""

import json
import os
import re
import subprocess
import sys
import textwrap

import figure
from readme import ROOT

# row of tests/bench, what it is, the peer
ROWS = [
    ("lora-fp32", "GPT-2 small, LoRA, float32", "HF, padded"),
    ("lora-bf16", "GPT-2 small, LoRA, bfloat16", "HF, padded"),
    ("hybrid-medium", "GPT-2 Medium, LoRA and prefix, float32", "HF, hybrid"),
]
HEADER = ("| trained on OpenAssistant | tokens/s | of HF PEFT | | peak memory | of HF PEFT | | losses differ by |\n"
          "|---|--:|--:|--:|--:|--:|--:|--:|\n")


def write_again(_, options):
    results = options.bench or measure(options.quick)
    found = json.loads(results.read_text(encoding="utf-8"))
    if found["settings"]["quick"]:
        raise ValueError(f"{results}: found figures of tiny models, expected those of `make bench` without QUICK")
    return render(found)


def measure(quick):
    sys.path.insert(0, str(ROOT / "tests" / "parity"))
    from support import environment

    if not environment.CONVERSATIONS.exists():
        raise figure.CannotTell(f"needs {environment.CONVERSATIONS} (PEFT_SHARED_DATA)")
    output = environment.BUILD / "claims"
    # A short look at one row, or the figures themselves.
    amount = ["lora-fp32", "--rounds", "1", "--steps", "4"] if quick else [name for name, _, _ in ROWS]
    subprocess.run(["cmake", "--build", environment.BUILD, "--target", "tests/bench/all"], check=True)
    done = subprocess.run([sys.executable, ROOT / "tests/bench/peers_bench.py", *amount, "--output", output], check=False,
                          env={**os.environ, "ROWS": "", "ARGS": "", "QUICK": ""})
    if done.returncode:
        raise RuntimeError(f"tests/bench/peers_bench.py ended with {done.returncode}")
    return output / "results.json"


def render(results):
    lines = []
    for name, title, peer in ROWS:
        row = results["rows"].get(name, {})
        for line in row.get("results", []):
            if line["peer"] == peer:
                lines.append(as_line(title, line, loss_difference(row, peer)))
    return HEADER + "".join(lines) + "\n" + machine(results)


def loss_difference(row, peer):
    return max(one["differences"]["loss"] for one in row["rounds"] if one["who"] == peer)


def as_line(title, line, loss):
    return (f"| {title} | {line['ours_tokens_per_second']:,.0f} | {line['peer_tokens_per_second']:,.0f} "
            f"| {line['speed']:.2f} × | {line['ours_peak_bytes'] / 1e9:.2f} GB | {line['peer_peak_bytes'] / 1e9:.2f} GB "
            f"| {1 / line['memory']:.1f} × less | {loss:.1e} |\n")


def machine(results):
    facts, rounds = results["machine"], results["settings"]["rounds"]
    peers = ", ".join(f"{name} {facts['peers'][name]}" for name in ("torch", "transformers", "peft"))
    line = (f"{facts['processors']} processors of one {facts['processor']} ({' '.join(facts['features'])}), "
            f"{facts['memory_bytes'] / 2**30:.0f} GiB; {peers}; medians of {rounds} rounds; threads: "
            f"{results['settings']['threads']}.")
    return textwrap.fill(line, 119) + "\n"


def parse(text):
    """({title: its numbers, in the table's order}, the processor's features)"""
    rows = {}
    for line in text.splitlines()[2:]:
        if line.startswith("| "):
            title, *cells = (cell.strip() for cell in line.strip("|").split("|"))
            rows[title] = [float(re.match(r"[\d.,e+-]+", cell)[0].replace(",", "")) for cell in cells]
    return rows, re.search(r"\(([a-z0-9_\s]*)\)", text[text.rfind("|"):])[1].split()


def figures(said, found):
    (before, features), (now, features_now) = parse(said), parse(found)
    all_of_them = []
    for title, (speed, peer_speed, ratio, memory, _, saving, loss) in before.items():
        if title not in now:
            all_of_them.append(figure.told(f"{title}: all", "the table", "-", "not measured this time"))
            continue
        speed_now, peer_speed_now, ratio_now, memory_now, _, saving_now, loss_now = now[title]
        all_of_them += [
            figure.told(f"{title}: tokens/s", speed, speed_now, "told"),
            figure.told(f"{title}: tokens/s of HF", peer_speed, peer_speed_now, "told"),
            figure.at_least(f"{title}: times as fast", ratio, ratio_now, 0.8) if features == features_now else
            figure.told(f"{title}: times as fast", ratio, ratio_now, "told: another processor"),
            figure.at_most(f"{title}: GB", memory, memory_now, 1.2),
            figure.at_least(f"{title}: times less memory", saving, saving_now, 0.8),
            figure.at_most(f"{title}: losses", loss, loss_now, 10),
        ]
    return all_of_them
