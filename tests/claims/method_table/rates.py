"""A method's learning rate: the best of …, 1e-3, 3e-3, 1e-2, …, found by going on from a first one while it helps."""

import math


def neighbours(rate):
    """One down, one up, on a grid of ones and threes."""
    exponent = math.floor(math.log10(rate) + 1e-9)
    if round(rate / 10**exponent) == 1:
        return _number(3, exponent - 1), _number(3, exponent)
    return _number(1, exponent), _number(1, exponent + 1)


def _number(digit, exponent):
    return float(f"{digit}e{exponent}")


def best(first, perplexity_of):
    """The rate whose perplexity is below that of both its neighbours. `perplexity_of` is asked once for each rate."""
    known = {}

    def ask(rate):
        if rate not in known:
            known[rate] = perplexity_of(rate)
        return known[rate]

    rate = first
    while True:
        better = min((rate, *neighbours(rate)), key=ask)  # of equals, the first: it stays
        if better == rate:
            return rate
        rate = better
