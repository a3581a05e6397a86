#!/usr/bin/env python3
"""Makes the base model's pre-training data, conversations as {"id", "messages": [{role, content}]} a line.

    make_texts.py FOLDER --texts OASST_TRAIN.jsonl --dialogues SGD_TRAIN.jsonl TASKMASTER.jsonl
                  --held-out-messages OASST_VALIDATION.jsonl --held-out-dialogues SGD_DEV.jsonl

writes FOLDER/train.jsonl, held_out_texts.jsonl, held_out_dialogues.jsonl and held_out_lookups.jsonl.
Held out are other splits of the data sets, so no conversation is on both sides.

OpenAssistant's training texts come as {"text"} a line, without roles but in the order of the data set, in
which a reply follows its prompt: a short question and the longer text behind it become a conversation of
two turns; other texts stand alone, as a system text, which the template writes without a header. What a
small model learns nothing from (code, tables, other scripts) is left out, and of a long text the first
paragraphs are taken. To these come plain service dialogues, and practice in reading (lookups.py).
"""
import argparse
import json
import random
import sys
from collections import Counter
from pathlib import Path

import lookups

MAX_TEXT = 8000  # characters; beyond are pasted documents
MAX_PIECE = 1000  # characters, about 256 tokens
MIN_PIECE = 20
MAX_QUESTION = 300
LOOKUPS = 15000


def why_unusable(text):
    """The reason to leave a text out, or None."""
    if len(text) > MAX_TEXT:
        return "very long"
    if len(text) < MIN_PIECE:
        return "very short"
    if "```" in text or "def " in text or "#include" in text or "</" in text or "|--" in text or "###" in text:
        return "code or a table"
    if sum(ord(c) > 0x2FF and not 0x2010 <= ord(c) <= 0x2026 for c in text) > 0.01 * len(text):
        return "another script"
    if sum(c.isalpha() or c.isspace() for c in text) < 0.8 * len(text):
        return "mostly not words"
    return None


def beginning_of(text):
    """The first paragraphs, MAX_PIECE characters at most; of one that is longer by itself, whole words."""
    if len(text) <= MAX_PIECE:
        return text
    paragraph = text.rfind("\n\n", 0, MAX_PIECE)
    return text[: paragraph if paragraph > MAX_PIECE // 3 else text.rfind(" ", 0, MAX_PIECE)].strip()


def is_question(text):
    return len(text) <= MAX_QUESTION and text.endswith("?")


def texts(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line)["text"].replace("\r\n", "\n").strip() for line in lines]


def conversations_of(all_texts, skipped):
    """Messages: a question with its reply, or a text by itself."""
    seen = set()
    asked = None
    for text in all_texts:
        reason = "seen before" if text in seen else why_unusable(text)
        seen.add(text)
        if reason:
            skipped[reason] += 1
            asked = None
            continue
        text = beginning_of(text)
        if is_question(text):
            if asked:
                yield [{"role": "system", "content": asked}]
            asked = text
        elif asked and len(text) > len(asked):
            yield [{"role": "user", "content": asked}, {"role": "assistant", "content": text}]
            asked = None
        else:
            if asked:
                yield [{"role": "system", "content": asked}]
            asked = None
            yield [{"role": "system", "content": text}]
    if asked:
        yield [{"role": "system", "content": asked}]


def dialogues(paths):
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                yield [{"role": m["role"], "content": m["content"].strip()} for m in json.loads(line)["messages"] if m["content"].strip()]


def write(path, all_messages):
    with open(path, "w", encoding="utf-8") as out:
        for number, messages in enumerate(all_messages):
            out.write(json.dumps({"id": str(number), "messages": messages}, ensure_ascii=False) + "\n")
    characters = sum(len(m["content"]) for messages in all_messages for m in messages)
    print(f"{path}: {len(all_messages)} conversations, {characters} characters")


def main():
    parser = argparse.ArgumentParser(description="Make the base model's pre-training data.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=Path, required=True, help='OpenAssistant training messages, {"text": ...} a line')
    parser.add_argument("--dialogues", type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--held-out-messages", type=Path, required=True, help="OpenAssistant validation messages")
    parser.add_argument("--held-out-dialogues", type=Path, required=True)
    arguments = parser.parse_args()

    arguments.folder.mkdir(parents=True, exist_ok=True)
    skipped = Counter()
    train = [
        *conversations_of(texts(arguments.texts), skipped),
        *dialogues(arguments.dialogues),
        *lookups.lookups(LOOKUPS, seed=1),
    ]
    random.Random(0).shuffle(train)
    write(arguments.folder / "train.jsonl", train)
    print("left out:", ", ".join(f"{count} {reason}" for reason, count in skipped.most_common()))
    write(arguments.folder / "held_out_texts.jsonl", list(conversations_of(texts(arguments.held_out_messages), Counter())))
    write(arguments.folder / "held_out_dialogues.jsonl", list(dialogues([arguments.held_out_dialogues])))
    write(arguments.folder / "held_out_lookups.jsonl", list(lookups.lookups(500, seed=2)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
