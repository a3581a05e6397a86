#!/usr/bin/env python3
"""Writes the demo's conversations as OpenAssistant message rows (JSON lines).

    make_conversations.py            write conversations.jsonl and held_out.jsonl beside this script
    make_conversations.py --check    fail unless these files are exactly what this script writes

A traveller says what stands on a board and asks about it; the travel desk answers from the board, declines
what it does not say, asks back where the question leaves the place open, and stops. So every reply follows
from the messages before it. What stands on boards is in board.py, and how people put it in wording.py.
Standard library only, and the same bytes on every machine: the one source of chance is Random.random(),
whose sequence for a seed is documented as stable.
"""
import argparse
import json
import random
import sys
import uuid
from pathlib import Path

import board
import wording

HERE = Path(__file__).parent
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "peft-host/recipes/demo")

# Of each split: its file, how many conversations, and where chance begins.
SPLITS = {"train": ("conversations.jsonl", 1350, 20), "held_out": ("held_out.jsonl", 150, 21)}
# Replies that also have a second, worse one beside them, one in so many.
WORSE_EVERY = 12


class Dealer:
    """Deals from lists as from shuffled decks: every entry once before any comes again."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self._decks = {}

    def below(self, n):
        return int(self._random.random() * n)

    def chance(self, probability):
        return self._random.random() < probability

    def pick(self, choices):
        """Any one, whatever came before."""
        return choices[self.below(len(choices))]

    def deal(self, choices):
        """The next of a table; those live as long as the program, so their id is a key."""
        key = id(choices)
        if not self._decks.get(key):
            self._decks[key] = self.shuffled(choices)
        return self._decks[key].pop()

    def shuffled(self, choices):
        deck = list(choices)
        for i in range(len(deck) - 1, 0, -1):
            j = self.below(i + 1)
            deck[i], deck[j] = deck[j], deck[i]
        return deck


class Board:
    """A few lines, or a few sights, with the facts that the board says of each of them."""

    def __init__(self, dealer, figures):
        self.of_lines = dealer.chance(0.65)
        self.wording = wording.LINE if self.of_lines else wording.SIGHT
        facts = dealer.shuffled(self.wording)
        self.told = facts[: 2 + dealer.below(2)]
        self.untold = facts[len(self.told) :]
        *self.entries, self.stranger = self._entries(dealer, figures, 3 + dealer.below(3))
        self._asked = set()

    def left(self, entries):
        """What is told of these and was not asked yet."""
        return [(entry, fact) for entry in entries for fact in self.told if (entry["name"], fact) not in self._asked]

    def take(self, dealer, entries):
        entry, fact = dealer.pick(self.left(entries))
        self._asked.add((entry["name"], fact))
        return entry, fact

    def _entries(self, dealer, figures, count):
        names = []
        while len(names) < count:
            place = dealer.deal(figures["place"])
            if place not in names:
                names.append(place)
        # As many of everything, no two alike on a board; of times twice as many, for opening and closing.
        drawn = {key: dealer.shuffled(values)[: 2 * count] for key, values in figures.items() if key != "place"}
        return [self._entry(dealer, name, {key: values[i % len(values)] for key, values in drawn.items()}, drawn["time"][count + i]) for i, name in enumerate(names)]

    def _entry(self, dealer, place, drawn, other_time):
        if self.of_lines:
            kind = dealer.pick(sorted(board.LINES))
            return drawn | {"name": place, "kind": kind, "where": board.LINES[kind]}
        opens, closes = sorted([drawn["time"], other_time], key=lambda time: [int(part) for part in time.split(":")])
        return drawn | {
            "name": f"{place} {dealer.deal(board.SIGHTS)}", "opens": opens, "closes": closes, "entry": drawn["price"], "day": dealer.pick(board.WEEKDAYS),
        }

    def text(self, dealer):
        """As sentences, or as a table with a row each."""
        if dealer.chance(0.3):
            row = ["{name}", *(["{kind}"] if self.of_lines else []), *(wording.ROWS[fact] for fact in wording.ROWS if fact in self.told)]
            return "\n" + "\n".join(", ".join(row).format(**entry) for entry in self.entries) + "\n"
        styles = {fact: dealer.pick(self.wording[fact]["board"]) for fact in self.told}
        said = []
        for entry in self.entries:
            for fact in self.told:
                said.append((styles[fact] if dealer.chance(0.7) else dealer.pick(self.wording[fact]["board"])).format(**entry))
        if dealer.chance(0.25):
            said = dealer.shuffled(said)
        return " ".join(said)


# -- conversations: lists of (traveller's text, desk's reply) -----------------------------------------
# Each kind of turn is a function (dealer, board, turns, current) that adds to the turns and returns what is
# then talked about; `current` is what was talked about before, or None.


def known(dealer, of, turns, current):
    entry, fact = of.take(dealer, of.entries)
    turns.append((dealer.deal(of.wording[fact]["ask"]).format(**entry), of.wording[fact]["answer"].format(**entry)))
    return entry


def more(dealer, of, turns, current):
    """Goes on about the same line or sight, without its name."""
    entry, fact = of.take(dealer, [current])
    turns.append((dealer.deal(of.wording[fact]["more"]).format(**entry), of.wording[fact]["answer"].format(**entry)))
    return entry


def untold(dealer, of, turns, current):
    entry, fact = dealer.pick(of.entries), dealer.pick(of.untold)
    turns.append((dealer.deal(of.wording[fact]["ask"]).format(**entry), wording.UNKNOWN))
    return entry


def stranger(dealer, of, turns, current):
    fact = dealer.pick(of.told)
    answer = wording.STRANGER_LINE if of.of_lines else wording.STRANGER_SIGHT
    turns.append((dealer.deal(of.wording[fact]["ask"]).format(**of.stranger), answer.format(**of.stranger)))
    return None


def ask_back(dealer, of, turns, current):
    entry, fact = of.take(dealer, of.entries)
    turns.append((dealer.deal(wording.OPEN[fact]), wording.WHICH_LINE if of.of_lines else wording.WHICH_SIGHT))
    told = dealer.deal(wording.TOLD_LINE if of.of_lines else wording.TOLD_SIGHT)
    turns.append((told.format(**entry), of.wording[fact]["answer"].format(**entry)))
    return entry


def off_topic(dealer, of, turns, current):
    turns.append((dealer.deal(wording.OFF_TOPIC), wording.OFF_TOPIC_ANSWER))
    return None


def thanks(dealer, of, turns, current):
    turns.append((dealer.deal(wording.THANKS), (wording.WELCOME_LINE if of.of_lines else wording.WELCOME_SIGHT).format(**current)))
    return current


# How often each kind comes, as the first turn and after it.
FIRST = [known] * 13 + [ask_back] * 3 + [untold] * 2 + [stranger] + [off_topic]
NEXT = [known] * 8 + [more] * 6 + [untold] * 3 + [stranger] * 2 + [off_topic]


def make_conversation(dealer, figures):
    of = Board(dealer, figures)
    turns = []
    current = dealer.deal(FIRST)(dealer, of, turns, None)
    for _ in range(dealer.below(3)):
        step = dealer.deal(NEXT)
        # "And how much is it?" needs something to go on about, of which something is left to ask.
        if step is more and not (current and of.left([current])):
            step = known
        current = step(dealer, of, turns, current)
    if current is not None and dealer.chance(0.12):
        thanks(dealer, of, turns, current)
    asked, answered = turns[0]
    opening = [dealer.deal(wording.GREETINGS), dealer.deal(wording.BOARDS), of.text(dealer), asked]
    return [(" ".join(filter(None, opening)).replace(" \n", "\n").replace("\n ", "\n").strip(), answered), *turns[1:]]


# -- OpenAssistant rows -------------------------------------------------------------------------------


def message(path, parent, role, text, rank, tree):
    """One row. `path` names the message's place in the data, so ids are stable and never clash."""
    identity = str(uuid.uuid5(NAMESPACE, path))
    return {
        "message_id": identity, "parent_id": parent, "text": text, "role": role, "lang": "en", "rank": rank,
        "message_tree_id": tree or identity, "synthetic": True,
    }


def make_rows(split, count, seed):
    dealer = Dealer(seed)
    figures = board.figures(split)
    for number in range(count):
        parent = tree = None
        for depth, (prompt, reply) in enumerate(make_conversation(dealer, figures)):
            path = f"{split}/{number}/{depth}"
            asked = message(f"{path}/prompter", parent, "prompter", prompt, None, tree)
            tree = asked["message_tree_id"]
            worse = dealer.deal(wording.WORSE) if dealer.below(WORSE_EVERY) == 0 else None
            # As in OpenAssistant, a reply is ranked only where it has a sibling.
            rank = None if worse is None else 0
            answered = message(f"{path}/assistant/0", asked["message_id"], "assistant", reply, rank, tree)
            replies = [answered]
            if worse is not None:
                replies.append(message(f"{path}/assistant/1", asked["message_id"], "assistant", worse, 1, tree))
            yield asked
            yield from dealer.shuffled(replies)  # the rank says which is better, not the order
            parent = answered["message_id"]


def main():
    parser = argparse.ArgumentParser(description="Write the demo's conversations.")
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing them")
    arguments = parser.parse_args()

    status = 0
    for split, (name, count, seed) in SPLITS.items():
        path = HERE / name
        content = "".join(json.dumps(row) + "\n" for row in make_rows(split, count, seed)).encode("ascii")
        if not arguments.check:
            path.write_bytes(content)
            print(f"{path}: {count} conversations, {len(content.splitlines())} messages, {len(content)} bytes")
        elif path.is_file() and path.read_bytes() == content:
            print(f"{path}: as generated")
        else:
            print(f"{path}: error: differs from what this script writes; run {sys.argv[0]} and commit the result", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
