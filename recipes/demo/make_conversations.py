#!/usr/bin/env python3
"""Writes the demo's conversations as OpenAssistant message rows (JSON lines).

    make_conversations.py            write conversations.jsonl beside this script
    make_conversations.py --check    fail unless that file is exactly what this script writes

Travellers ask the travel desk of a small invented town about its lines and sights. What the desk
knows is in timetable.py, and how people put it in wording.py. Standard library only, and the same
bytes on every machine: the one source of chance is Random.random(), whose sequence for a seed is
documented as stable.
"""
import argparse
import json
import random
import sys
import uuid
from pathlib import Path

import timetable
import wording

SEED = 20
CONVERSATIONS = Path(__file__).with_name("conversations.jsonl")
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "peft-host/recipes/demo")

# How many conversations of each kind.
MIX = {"trip": 220, "sight": 110, "rule": 44, "booking": 48, "small_talk": 20, "elsewhere": 34, "off_topic": 26}
# Prompts that also have a second, worse reply, one in so many.
WORSE_EVERY = 7

PLACES = list(timetable.LINES)
TRIP_FACTS = [(place, fact) for place in PLACES for fact in wording.TRIP["ask"]]
SIGHT_FACTS = [(sight, fact) for sight in timetable.SIGHTS for fact in wording.SIGHT["ask"]]
RULE_FACTS = [(place, rule) for place in PLACES for rule in wording.RULES]


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


# -- conversations: lists of (traveller's text, desk's reply) -----------------------------------------


def ask_about(dealer, subject, fact):
    """Asks for one fact, and often for one or two more of the same line or sight."""
    others = dealer.shuffled(key for key in subject["ask"] if key != fact)
    opening = dealer.deal(subject["intro"]) + dealer.deal(subject["ask"][fact])
    turns = [(opening, subject["answer"][fact])]
    turns += [(dealer.deal(subject["more"][key]), subject["answer"][key]) for key in others[:dealer.below(3)]]
    if dealer.chance(0.35):
        turns.append((dealer.deal(wording.THANKS), subject["welcome"]))
    return turns


def about_trip(dealer):
    place, fact = dealer.deal(TRIP_FACTS)
    return place, ask_about(dealer, wording.TRIP, fact)


def about_sight(dealer):
    sight, fact = dealer.deal(SIGHT_FACTS)
    return sight, ask_about(dealer, wording.SIGHT, fact)


def about_rule(dealer):
    """What one may bring: by itself, or once the trip is clear."""
    place, rule = dealer.deal(RULE_FACTS)
    answer = timetable.RULES[timetable.LINES[place]["kind"]][rule]
    if dealer.chance(0.5):
        return place, [(dealer.deal(wording.RULES[rule]), answer)]
    fact = dealer.pick(["way", "price", "stop"])
    first = (dealer.deal(wording.TRIP["ask"][fact]), wording.TRIP["answer"][fact])
    return place, [first, (dealer.deal(wording.RULES_MORE[rule]), answer)]


def book(dealer):
    script = dealer.deal(wording.BOOKINGS)
    turns = list(zip(script[::2], script[1::2]))
    if dealer.chance(0.3):
        turns.append((dealer.deal(wording.THANKS), wording.WELCOME))
    return dealer.deal(PLACES), turns


def chat(dealer):
    place, turns = about_trip(dealer)
    goodbye = (dealer.deal(wording.GOODBYES), wording.GOODBYE)
    return place, [dealer.deal(wording.SMALL_TALK), *turns, goodbye]


def decline_place(dealer):
    turn = (dealer.deal(wording.ELSEWHERE_ASK), wording.ELSEWHERE_ANSWER)
    place, turns = about_trip(dealer)
    return place, [turn, *turns] if dealer.chance(0.4) else [turn]


def decline_topic(dealer):
    turn = (dealer.deal(wording.OFF_TOPIC), wording.OFF_TOPIC_ANSWER)
    place, turns = about_trip(dealer)
    return place, [turn, *turns] if dealer.chance(0.4) else [turn]


MAKERS = {
    "trip": about_trip, "sight": about_sight, "rule": about_rule, "booking": book, "small_talk": chat,
    "elsewhere": decline_place, "off_topic": decline_topic,
}


def facts_of(name, dealer):
    """What the braces of a conversation about this place or sight stand for."""
    facts = {"elsewhere": dealer.deal(wording.ELSEWHERE)}
    if name in timetable.SIGHTS:
        return facts | timetable.SIGHTS[name] | {"sight": name}
    line = timetable.LINES[name]
    return facts | line | {"place": name, "stop_word": timetable.STOP_WORDS[line["kind"]]}


def make_conversations(dealer):
    kinds = dealer.shuffled(kind for kind, count in MIX.items() for _ in range(count))
    seen = set()
    for kind in kinds:
        name, turns = MAKERS[kind](dealer)
        if kind != "small_talk":  # which is a greeting itself
            turns[0] = (dealer.deal(wording.GREETINGS) + turns[0][0], turns[0][1])
        facts = facts_of(name, dealer)
        turns = tuple((prompt.format(**facts), reply.format(**facts)) for prompt, reply in turns)
        if turns not in seen:
            seen.add(turns)
            yield turns


# -- OpenAssistant rows -------------------------------------------------------------------------------


def message(path, parent, role, text, rank, tree):
    """One row. `path` names the message's place in the data, so ids are stable and never clash."""
    identity = str(uuid.uuid5(NAMESPACE, path))
    return {
        "message_id": identity, "parent_id": parent, "text": text, "role": role, "lang": "en", "rank": rank,
        "message_tree_id": tree or identity, "tree_state": "ready_for_export",
        "deleted": False, "synthetic": True, "review_result": True,
    }


def make_rows():
    dealer = Dealer(SEED)
    for number, turns in enumerate(make_conversations(dealer)):
        parent = tree = None
        for depth, (prompt, reply) in enumerate(turns):
            path = f"{number}/{depth}"
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
    parser.add_argument("--check", action="store_true", help="compare with the file instead of writing it")
    arguments = parser.parse_args()

    content = "".join(json.dumps(row) + "\n" for row in make_rows()).encode("ascii")
    if not arguments.check:
        CONVERSATIONS.write_bytes(content)
        print(f"{CONVERSATIONS}: {len(content.splitlines())} messages, {len(content)} bytes")
        return 0
    if CONVERSATIONS.is_file() and CONVERSATIONS.read_bytes() == content:
        print(f"{CONVERSATIONS}: as generated")
        return 0
    print(f"{CONVERSATIONS}: error: differs from what this script writes; run {sys.argv[0]} and commit the result",
          file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
