"""How time and memory grow with tokens a batch, context, vocabulary and rank: ours and HF PEFT, one measurement a point.

All examples of a point are equally long and all tokens are targets, so nothing but what is varied varies.
"""

from dataclasses import dataclass, replace

from .measure import compare, speed
from .rows import LORA, PADDED, SIZES, Row, Work


@dataclass(frozen=True)
class Curve:
    name: str
    label: str
    points: tuple  # (x, work)


def rank(r):
    return (("lora", {**LORA[1], "rank": r}),)


def curves(size="small", length=512):
    """At `length` tokens an example and four examples a batch, but for what the curve varies."""
    layers, width, heads, _ = SIZES[size]
    work = Work(size=size, texts="equal", batch_size=4, max_length=length, steps=3)
    return [
        Curve("tokens", "tokens a batch",
              tuple((n * length // 2, replace(work, batch_size=n, max_length=length // 2)) for n in (1, 2, 4, 8, 16))),
        Curve("context", "tokens an example, at equal tokens a batch",
              tuple((length * 2 // n, replace(work, batch_size=2 * n, max_length=length * 2 // n)) for n in (8, 4, 2, 1))),
        Curve("vocabulary", "tokens in the vocabulary",
              tuple((v, replace(work, size=(layers, width, heads, v))) for v in (8192, 16384, 32768, 65536))),
        Curve("rank", "rank of LoRA", tuple((r, replace(work, methods=rank(r))) for r in (1, 8, 64, 256) if r <= width)),
    ]


def sizes(found):
    return {work.size for curve in found for _, work in curve.points}


def measure(curve, contest, say):
    """[{"x", "ours": {"tokens_per_second", "peak_bytes"}, "peer": …}]"""
    points = []
    for x, work in curve.points:
        row = Row(f"curve-{curve.name}-{x}", curve.label, work, (PADDED,), 0.0, None)
        say(f"{curve.label}: {x} …")
        ours = contest.ours(work, f"{row.name}-ours")
        theirs = contest.peer(PADDED, work, f"{row.name}-peer")
        compare(row, ours, theirs)
        point = {"x": x}
        for who, found in (("ours", ours), ("peer", theirs)):
            point[who] = {"tokens_per_second": speed(row, found), "peak_bytes": found["peak_bytes"]}
        points.append(point)
        say(f"{curve.label}: {x}: " + ", ".join(f"{who} {point[who]['tokens_per_second']:.0f} tokens/s, "
                                               f"{point[who]['peak_bytes'] / 1e9:.2f} GB" for who in ("ours", "peer")))
    return points
