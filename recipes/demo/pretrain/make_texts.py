#!/usr/bin/env python3
"""Makes the base model's pre-training texts: FOLDER/train.jsonl and FOLDER/held_out.jsonl.

    make_texts.py oasst1_en_train_texts.jsonl FOLDER [--with-dialogues FILE...]

The input is OpenAssistant's English training messages, a {"text": ...} a line in the dataset's own
order; the output has the same form. What a small model learns nothing from (code, tables, other
scripts) is left out, and long texts are cut into pieces at paragraphs, so that the whole of each
piece fits a short context. --with-dialogues adds {"messages": [{role, content}]} files; their licence
is yours to check, and the committed model is made without them.
"""
import argparse
import json
import sys
from collections import Counter
from pathlib import Path

# The messages of one conversation tree stand together, but nothing marks where a tree ends. So whole
# blocks of lines are held out, and the lines around such a block, which may belong to its trees, are
# used by neither side.
BLOCK = 400
HELD_OUT_EVERY = 40
GUARD = 40

MAX_TEXT = 8000  # characters; beyond are pasted documents
MAX_PIECE = 1000  # characters, about 256 tokens
MIN_PIECE = 20


def why_unusable(text):
    """The reason to leave a text out, or None."""
    if len(text) > MAX_TEXT:
        return "very long"
    if "```" in text or "def " in text or "#include" in text or "</" in text or "|--" in text:
        return "code or a table"
    if sum(ord(c) > 0x2FF and not 0x2010 <= ord(c) <= 0x2026 for c in text) > 0.01 * len(text):
        return "another script"
    if sum(c.isalpha() or c.isspace() for c in text) < 0.8 * len(text):
        return "mostly not words"
    return None


def paragraphs_of(text):
    """Paragraphs; one that is too long by itself is cut between words."""
    for paragraph in text.split("\n\n"):
        while len(paragraph) > MAX_PIECE:
            cut = paragraph.rfind(" ", 0, MAX_PIECE)
            cut = cut if cut > 0 else MAX_PIECE
            yield paragraph[:cut]
            paragraph = paragraph[cut:].lstrip()
        yield paragraph


def pieces_of(text):
    """The text in pieces of at most MAX_PIECE characters, cut at paragraphs where that is possible."""
    piece = ""
    for paragraph in paragraphs_of(text):
        joined = f"{piece}\n\n{paragraph}" if piece else paragraph
        if len(joined) > MAX_PIECE:
            yield piece
            joined = paragraph
        piece = joined
    yield piece


def side_of(line):
    """'train', 'held_out', or None for the lines between the two."""
    block, offset = divmod(line, BLOCK)
    position, held_out = block % HELD_OUT_EVERY, HELD_OUT_EVERY // 2
    if position == held_out:
        return "held_out"
    before = position == held_out - 1 and offset >= BLOCK - GUARD
    after = position == held_out + 1 and offset < GUARD
    return None if before or after else "train"


def messages(path, skipped):
    """(side, text) of each usable message piece."""
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            text = json.loads(line)["text"].replace("\r\n", "\n").strip()
            side = side_of(number)
            reason = "beside a held-out block" if side is None else why_unusable(text)
            if reason:
                skipped[reason] += 1
                continue
            for piece in pieces_of(text):
                yield side, piece.strip()


def dialogues(path):
    """(side, text) of each dialogue; a dialogue is a group of its own."""
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            turns = [f"{m['role'].capitalize()}: {m['content']}" for m in json.loads(line)["messages"]]
            yield ("held_out" if number % HELD_OUT_EVERY == 0 else "train"), "\n".join(turns)


def main():
    parser = argparse.ArgumentParser(description="Make the base model's pre-training texts.")
    parser.add_argument("texts", type=Path, help='OpenAssistant training messages, {"text": ...} a line')
    parser.add_argument("folder", type=Path, help="where train.jsonl and held_out.jsonl go")
    parser.add_argument("--with-dialogues", type=Path, nargs="+", default=[], metavar="FILE")
    arguments = parser.parse_args()

    skipped, seen = Counter(), set()
    sides = {"train": [], "held_out": []}

    def keep(side, text):
        if len(text) < MIN_PIECE:
            skipped["very short"] += 1
        elif text in seen:
            skipped["seen before"] += 1
        else:
            seen.add(text)
            sides[side].append(text)

    for side, text in messages(arguments.texts, skipped):
        keep(side, text)
    for path in arguments.with_dialogues:
        for side, text in dialogues(path):
            keep(side, text)

    arguments.folder.mkdir(parents=True, exist_ok=True)
    for side, texts in sides.items():
        path = arguments.folder / f"{side}.jsonl"
        with open(path, "w", encoding="utf-8") as out:
            out.writelines(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
        print(f"{path}: {len(texts)} texts, {sum(map(len, texts))} characters")
    print("left out:", ", ".join(f"{count} {reason}" for reason, count in skipped.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
