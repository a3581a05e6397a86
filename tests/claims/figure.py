"""A figure that the README gives beside the one found now, and whether the two agree."""

from dataclasses import dataclass


class CannotTell(Exception):
    """What the claim needs is not here: another machine, real texts, a training that was not made."""


@dataclass(frozen=True)
class Figure:
    name: str
    said: object
    found: object
    allowed: str
    holds: bool


def equal(name, said, found):
    return Figure(name, said, found, "the same", said == found)


def at_least(name, said, found, share):
    """For what is better the larger it is: more is no failure."""
    return Figure(name, said, found, f"at least {share:g} of it", found >= share * said)


def at_most(name, said, found, factor):
    return Figure(name, said, found, f"at most {factor:g} times it", found <= factor * said)


def near(name, said, found, within):
    return Figure(name, said, found, f"within {within:g}", abs(found - said) <= within)


def told(name, said, found, why):
    """Not judged."""
    return Figure(name, said, found, why, True)


def shown(value):
    if isinstance(value, float):
        return f"{value:.7g}"
    text = str(value)
    return text if len(text) <= 20 else text[:17] + "…"
