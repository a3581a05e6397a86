#!/usr/bin/env python3
"""Draws a training: the loss of the steps and the perplexity of what is held out, over the tokens read.

    curve.py runs/demo-base runs/demo-base-annealed > curve.svg     # one run after the other
"""

import json
import math
import sys
from pathlib import Path

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 320, 60, 50, 24
STEPS_A_POINT = 25  # a step's loss is that of a few conversations


def read(runs):
    """Points (million tokens, perplexity): of the training, averaged over some steps, and held out."""
    trained, held_out, tokens, recent = [], [], 0, []
    for run in runs:
        for line in map(json.loads, (Path(run) / "metrics.jsonl").read_text().splitlines()):
            if "eval" in line:
                held_out.append((tokens / 1e6, line["eval"]["perplexity"]))
                continue
            tokens += line["tokens"]
            recent.append(line["loss"])
            if len(recent) == STEPS_A_POINT:
                trained.append((tokens / 1e6, math.exp(sum(recent) / len(recent))))
                recent = []
    return trained, held_out


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    trained, held_out = read(sys.argv[1:])
    most = max(x for x, _ in trained + held_out)
    values = [y for _, y in trained + held_out]
    low, high = math.log(min(values) * 0.9), math.log(min(max(values), 200))

    def place(x, y):
        height = (math.log(min(y, 200)) - low) / (high - low)
        return f"{LEFT + x / most * (WIDTH - LEFT - 20):.1f},{HEIGHT - BOTTOM - height * (HEIGHT - BOTTOM - TOP):.1f}"

    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
           'font-size="12">', '<rect width="100%" height="100%" fill="white"/>']
    for mark in (5, 7, 10, 20, 50, 100, 200):
        if low <= math.log(mark) <= high:
            x, y = place(0, mark).split(",")
            svg.append(f'<path d="M{x} {y}H{WIDTH - 20}" stroke="#ddd"/>'
                       f'<text x="{LEFT - 8}" y="{float(y) + 4}" text-anchor="end">{mark}</text>')
    for mark in range(0, int(most) + 1, 5):
        x = place(mark, math.exp(low)).split(",")[0]
        svg.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{mark}</text>')
    svg.append('<polyline fill="none" stroke="#999" stroke-width="1.5" points="'
               + " ".join(place(*point) for point in trained) + '"/>')
    svg += [f'<circle cx="{place(*point).split(",")[0]}" cy="{place(*point).split(",")[1]}" r="3.5" fill="#06c"/>'
            for point in held_out]
    svg.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">million tokens</text>'
               f'<text x="{LEFT}" y="15">perplexity: <tspan fill="#777">training, {STEPS_A_POINT} steps a point</tspan>, '
               '<tspan fill="#06c">● held out</tspan></text></svg>')
    print("\n".join(svg))


if __name__ == "__main__":
    main()
