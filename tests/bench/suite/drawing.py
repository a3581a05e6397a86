"""Curves as SVG: tokens a second and memory beside each other, ours and the peer's."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, BETWEEN = 320, 200, 60, 40, 90
COLOURS = {"ours": "#0b6", "peer": "#c43"}
NAMES = {"ours": "peft-host", "peer": "HF PEFT"}


def text(x, y, what, anchor="middle", colour="#333"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(str(what))}</text>'


def panel(left, title, label, xs, series):
    """`series`: {who: y of each x}. x is logarithmic, y begins at zero."""
    highest = 1.08 * max(max(values) for values in series.values())
    low, high = math.log(xs[0]), math.log(xs[-1])

    def place(x, y):
        return left + WIDTH * (math.log(x) - low) / (high - low), TOP + HEIGHT * (1 - y / highest)

    parts = [f'<rect x="{left}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>',
             text(left + WIDTH / 2, TOP - 10, title), text(left + WIDTH / 2, TOP + HEIGHT + 36, label)]
    parts += [text(place(x, 0)[0], TOP + HEIGHT + 18, f"{x:,}") for x in xs]
    for part in range(5):
        value = highest * part / 4
        parts.append(text(left - 6, place(xs[0], value)[1] + 4, f"{value:,.0f}" if highest > 20 else f"{value:.1f}", "end"))
    for who, values in series.items():
        points = [place(x, y) for x, y in zip(xs, values)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[who]}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[who]}"/>' for x, y in points]
    return parts


def draw(label, points):
    """The text of an SVG file."""
    xs = [point["x"] for point in points]
    speeds = {who: [point[who]["tokens_per_second"] for point in points] for who in COLOURS}
    memory = {who: [point[who]["peak_bytes"] / 1e9 for point in points] for who in COLOURS}
    width, height = 2 * WIDTH + LEFT + BETWEEN + 20, TOP + HEIGHT + 70
    parts = panel(LEFT, "tokens a second", label, xs, speeds)
    parts += panel(LEFT + WIDTH + BETWEEN, "peak memory, GB", label, xs, memory)
    for number, who in enumerate(COLOURS):
        parts.append(text(LEFT + 100 * number, height - 8, NAMES[who], "start", COLOURS[who]))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
            f'font-size="11">\n<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")
