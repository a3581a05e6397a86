"""A row, measured in turn: ours, then each peer, and again; the first round must agree before there is a second."""

import functools
import statistics
import traceback

from . import machine
from .rows import Generation, limits


class Unequal(Exception):
    """Two sides did not do the same work."""


def relative(ours, theirs):
    if len(ours) != len(theirs):
        raise Unequal(f"{len(ours)} steps and {len(theirs)}")
    return max(abs(a - b) / max(abs(b), 1e-12) for a, b in zip(ours, theirs))


def compare_steps(ours, theirs, work):
    """{figure: largest relative difference}. Raises Unequal, naming it, where one is over its limit."""
    found = {}
    if [line["tokens"] for line in ours] != [line["tokens"] for line in theirs]:
        raise Unequal("the steps' tokens differ")
    for figure, limit in limits(work).items():
        found[figure] = relative([line[figure] for line in ours], [line[figure] for line in theirs])
        if not found[figure] <= limit:  # a NaN fails
            raise Unequal(f"{figure} differs by {found[figure]:.1e}, over {limit:.0e}: ours "
                          f"{[line[figure] for line in ours]}, theirs {[line[figure] for line in theirs]}")
    return found


def compare_ids(ours, theirs, dtype):
    """The share of tokens that differ. Rounding may turn a near tie, after which all differ: in float32 that is rare."""
    pairs = [pair for a, b in zip(ours, theirs, strict=True) for pair in zip(a, b, strict=True)]
    share = sum(a != b for a, b in pairs) / len(pairs)
    if dtype == "float32" and share > 0.1:
        raise Unequal(f"{share:.0%} of the generated tokens differ")
    return {"ids": share}


def compare(row, ours, theirs):
    if isinstance(row.work, Generation):
        return compare_ids(ours["ids"], theirs["ids"], row.work.dtype)
    return compare_steps(ours["steps"], theirs["steps"], row.work)


def speed(row, found):
    """Real tokens a second."""
    if isinstance(row.work, Generation):
        return row.work.batch * row.work.new_tokens / statistics.median(found["seconds"])
    lines = found["steps"][row.work.warm:]
    seconds = found["process_seconds"] if row.whole_process else sum(line["seconds"] for line in lines)
    return sum(line["tokens"] for line in lines) / seconds


def skip_reason(row):
    if row.work.dtype == "bfloat16" and not machine.has_bf16():
        return "this processor has no bfloat16 dot product"
    return None


def explain(problem):
    """What is worth reading of a failure: the trace where it was not foreseen."""
    if isinstance(problem, (Unequal, RuntimeError)):
        return f"{type(problem).__name__}: {problem}"
    return "".join(traceback.format_exception(problem))


def measure(row, contest, rounds, say, keep):
    """({who: [each round's measurement]}, {peer: why it failed}). A peer that fails is left out from then on, and the
    others go on; where ours fails, so does the row.

    `say` shows a line; `keep` is called with each measurement as it comes: who, found, differences.
    """
    found, failures = {"ours": []}, {}

    def take(number, name, side, peer=None):
        say(f"round {number} of {rounds}: {name} …")
        one = side(row.work, f"{row.name}-{number}-{name}".replace(" ", "-").replace(",", ""))
        differences = compare(row, found["ours"][-1], one) if peer and peer.comparable else {}
        found.setdefault(name, []).append(one)
        keep(name, one, differences)
        agreed = "".join(f", {figure} within {value:.1e}" for figure, value in differences.items())
        say(f"round {number} of {rounds}: {name}: {speed(row, one):.1f} tokens/s, {one['peak_bytes'] / 1e9:.2f} GB{agreed}")

    for number in range(1, rounds + 1):
        take(number, "ours", contest.ours)
        for peer in row.peers:
            if peer.name in failures:
                continue
            try:
                take(number, peer.name, functools.partial(contest.peer, peer), peer)
            except Exception as problem:  # noqa: BLE001: whatever it is, the others are still worth measuring
                failures[peer.name] = explain(problem)
                say(f"{peer.name} FAILED: {failures[peer.name]}")
    return found, failures
