#!/usr/bin/env python3
"""Threads of the plugin openassistant against a reading of the same file written here, from the words of the contract."""

import json
import math
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

SHARED = Path(os.environ["PEFT_SHARED_DATA"])
PROGRAM = Path(os.environ["PEFT_BUILD"]) / "tests" / "support" / "openassistant_threads"
FILE = SHARED / "data" / "openassistant" / "oasst1_en_validation.jsonl"


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
    roles = {"prompter": "user", "assistant": "assistant"}
    return {"group": thread[0]["message_tree_id"], "turns": [[roles[m["role"]], m["text"]] for m in thread]}


def main():
    if not FILE.exists():
        print(f"skipped: {FILE.name} is not at hand (PEFT_SHARED_DATA)")
        return 77
    with FILE.open(encoding="utf-8") as lines:
        trees = Trees([json.loads(line) for line in lines])
    failed = False
    for replies in ("best", "all"):
        expected = [as_line(thread) for thread in trees.all_threads(replies == "best")]
        output = subprocess.run([PROGRAM, FILE, replies], check=True, capture_output=True, text=True).stdout
        found = [json.loads(line) for line in output.split("\n") if line]
        same = found == expected
        failed |= not same
        turns = sum(len(thread["turns"]) for thread in found)
        print(f"openassistant, replies {replies}: {len(found)} threads of {turns} turns, "
              f"{len(expected)} expected: {'equal' if same else 'DIFFERENT'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
