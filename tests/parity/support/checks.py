"""A table of measured differences, each with the limit it must stay within."""

import sys


class Checks:
    def __init__(self, title):
        self.title = title
        self.failed = 0
        print(f"{title}\n{'what':74} {'difference':>12} {'limit':>9}")

    def add(self, what, difference, limit):
        # Written so that a NaN fails.
        passed = difference <= limit
        self.failed += not passed
        print(f"{what:74} {difference:12.2e} {limit:9.0e}{'' if passed else '   FAILED'}", flush=True)

    def equal(self, what, ours, theirs):
        """For what has no nearly: token ids, texts, names."""
        self.failed += ours != theirs
        print(f"{what:74} {'equal' if ours == theirs else 'DIFFERENT':>12} {'equal':>9}", flush=True)
        if ours != theirs:
            print(f"  ours     {ours!r}\n  expected {theirs!r}")

    def finish(self):
        print(f"{self.title}: {self.failed or 'none'} out of limits")
        sys.exit(1 if self.failed else 0)


def largest(ours, theirs):
    """The largest absolute difference of two tensors."""
    difference = (ours.double() - theirs.double()).abs()
    return difference.max().item() if difference.numel() else 0.0


def relative(ours, theirs):
    """The largest relative difference of two lists of numbers."""
    assert len(ours) == len(theirs), (len(ours), len(theirs))
    return max(abs(a - b) / max(abs(b), 1e-12) for a, b in zip(ours, theirs))
