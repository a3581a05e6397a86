#!/usr/bin/env python3
"""Trains the base model's vocabulary: a byte-level BPE as GPT-2's, of 4,096 tokens.

    make_vocabulary.py FOLDER CONVERSATIONS.jsonl...

Reads the messages of every line and writes FOLDER/vocab.json, merges.txt and tokenizer_config.json. The
headers of the template human_assistant are tokens of their own, so that a short conversation is not spent
on spelling them. Needs the Python package `tokenizers`; nothing else of this project does: the result is
committed.
"""
import argparse
import json
import os
import sys
from pathlib import Path

# One thread, so that words are counted and ties are broken in one order: the same files every time.
os.environ["RAYON_NUM_THREADS"] = "1"

from tokenizers import Tokenizer, models, pre_tokenizers, trainers  # noqa: E402 (reads the line above)

SIZE = 4096
END_OF_TEXT = "<|endoftext|>"
SPECIAL = ["### Human:", "### Assistant:", END_OF_TEXT]  # the last ids
CONFIG = {
    "tokenizer_class": "GPT2Tokenizer",
    "add_prefix_space": False,
    "bos_token": END_OF_TEXT,
    "eos_token": END_OF_TEXT,
    "unk_token": END_OF_TEXT,
    "errors": "replace",
    "model_max_length": 512,
}


def texts_of(paths):
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                for message in json.loads(line)["messages"]:
                    yield (" " if message["role"] != "system" else "") + message["content"]


def train(paths):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(
        texts_of(paths),
        trainers.BpeTrainer(
            vocab_size=SIZE - len(SPECIAL),
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        ),
    )
    return tokenizer


def main():
    parser = argparse.ArgumentParser(description="Train the base model's vocabulary.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("texts", type=Path, nargs="+", metavar="CONVERSATIONS")
    arguments = parser.parse_args()

    tokenizer = train(arguments.texts)
    ordinary = tokenizer.get_vocab_size()
    if ordinary != SIZE - len(SPECIAL):
        print(f"error: the texts give {ordinary} tokens, expected {SIZE - len(SPECIAL)}; give more text", file=sys.stderr)
        return 1

    arguments.folder.mkdir(parents=True, exist_ok=True)
    tokenizer.model.save(str(arguments.folder))  # vocab.json and merges.txt
    ids = {token: ordinary + place for place, token in enumerate(SPECIAL)}
    vocabulary_file = arguments.folder / "vocab.json"
    vocabulary = json.loads(vocabulary_file.read_text(encoding="utf-8")) | ids
    vocabulary_file.write_text(json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    declared = {"lstrip": False, "rstrip": False, "normalized": False, "single_word": False, "special": True}
    config = CONFIG | {"added_tokens_decoder": {str(id): {"content": token} | declared for token, id in ids.items()}}
    (arguments.folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")

    characters = tokens = 0
    for text in texts_of(arguments.texts):
        characters += len(text)
        tokens += len(tokenizer.encode(text).ids)
    print(f"{arguments.folder}: {SIZE} tokens; the texts are {tokens} tokens, {characters / tokens:.2f} characters a token")
    return 0


if __name__ == "__main__":
    sys.exit(main())
