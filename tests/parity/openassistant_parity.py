#!/usr/bin/env python3
"""Threads of the plugin openassistant, and their ids and targets by the template human_assistant, against a reading of
the same file written here from the words of the contract, with Hugging Face's tokenizer.
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

SHARED = Path(os.environ["PEFT_SHARED_DATA"])
PROGRAM = Path(os.environ["PEFT_BUILD"]) / "tests" / "support" / "openassistant_threads"
FILE = SHARED / "data" / "openassistant" / "oasst1_en_validation.jsonl"
TOKENIZERS = SHARED / "tokenizers"
ROLES = {"prompter": "user", "assistant": "assistant"}


class Trees:
    def __init__(self, rows):
        self.replies = defaultdict(list)
        for row in rows:
            if row["lang"] == "en" and not row["deleted"]:
                self.replies[row["parent_id"]].append(row)

    def answered(self, message):
        return message["role"] == "assistant" or bool(self.good_replies(message))

    def good_replies(self, message):
        good = [reply for reply in self.replies[message["message_id"]] if self.answered(reply)]
        return sorted(good, key=lambda reply: math.inf if reply["rank"] is None else reply["rank"])

    def threads(self, message, best):
        replies = self.good_replies(message)
        if not replies:
            return [[message]]
        followed = replies[:1] if best else replies
        return [[message] + rest for reply in followed for rest in self.threads(reply, best)]

    def all_threads(self, best):
        roots = [root for root in self.replies[None] if self.answered(root)]
        return [thread for root in roots for thread in self.threads(root, best)]


def as_line(thread):
    return {"group": thread[0]["message_tree_id"], "turns": [[ROLES[m["role"]], m["text"]] for m in thread]}


class HumanAssistant:
    def __init__(self, tokenizer, max_length):
        self.encode = lambda text: tokenizer(text)["input_ids"]
        # A special token that somebody typed is plain text.
        self.encode_content = lambda text: tokenizer(text, split_special_tokens=True)["input_ids"]
        self.end_of_text = tokenizer.eos_token_id
        self.max_length = max_length

    def turn(self, role, text):
        """Pairs of id and label."""
        body = self.encode_content(" " + text)
        if role == "user":
            pieces = [(self.encode("### Human:"), False), (body, False), (self.encode("\n"), False)]
        else:
            pieces = [(self.encode("### Assistant:"), False), (body + [self.end_of_text], True), (self.encode("\n"), False)]
        return [(i, i if target else -100) for ids, target in pieces for i in ids]

    def conversation(self, turns):
        encoded = [self.turn(role, text) for role, text in turns]
        while len(encoded) > 1 and sum(map(len, encoded)) > self.max_length:
            encoded.pop(0)
        pairs = [pair for turn in encoded for pair in turn][: self.max_length]
        return {"ids": [i for i, _ in pairs], "labels": [label for _, label in pairs]}


def found_by_program(*arguments):
    output = subprocess.run([PROGRAM, FILE, *arguments], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in output.split("\n") if line]


def report(what, found, expected, detail):
    same = found == expected
    print(f"{what}: {len(found)} threads, {len(expected)} expected; {detail}: {'equal' if same else 'DIFFERENT'}")
    return same


def same_threads(trees, replies):
    found = found_by_program(replies)
    expected = [as_line(thread) for thread in trees.all_threads(replies == "best")]
    return report(f"replies {replies}", found, expected, f"{sum(len(line['turns']) for line in found)} turns")


def same_ids(trees, tokenizer, folder, max_length):
    template = HumanAssistant(tokenizer, max_length)
    found = found_by_program("all", folder, str(max_length))
    lines = [as_line(thread) for thread in trees.all_threads(best=False)]
    expected = [line | template.conversation(line["turns"]) for line in lines]
    tokens = sum(len(line["ids"]) for line in found)
    targets = sum(label != -100 for line in found for label in line["labels"])
    return report(f"max_length {max_length}", found, expected, f"{tokens} tokens, {targets} targets")


def main():
    if not FILE.exists():
        print(f"skipped: {FILE.name} is not at hand (PEFT_SHARED_DATA)")
        return 77
    with FILE.open(encoding="utf-8") as lines:
        trees = Trees([json.loads(line) for line in lines])
    results = [same_threads(trees, "best"), same_threads(trees, "all")]

    from transformers import GPT2TokenizerFast  # slow to import: after the part that needs nothing

    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(TOKENIZERS / "gpt2_vocab.json", Path(folder) / "vocab.json")
        shutil.copy(TOKENIZERS / "gpt2_merges.txt", Path(folder) / "merges.txt")
        tokenizer = GPT2TokenizerFast.from_pretrained(folder)
        results += [same_ids(trees, tokenizer, folder, max_length) for max_length in (24, 128, 512, 4096)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
