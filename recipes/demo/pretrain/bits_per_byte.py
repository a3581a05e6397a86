#!/usr/bin/env python3
"""Compares base models on held-out conversations, whatever their vocabularies and forms.

    bits_per_byte.py CONVERSATIONS.jsonl [--examples N] MODEL[=FORM]...

A model is a folder that transformers loads, its form how it writes a conversation: human_assistant (the
default, as peft-host's template), or user_assistant ("User: …" and "Assistant: …", a line each). Scored is
what is said, not the headers and ends: bits a byte, and the perplexity of a word. Of each model only
conversations that fit every model's positions. Needs the Python packages torch and transformers.
"""
import argparse
import json
import math

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

HEADERS = {
    "human_assistant": {"user": "### Human:", "assistant": "### Assistant:"},
    "user_assistant": {"user": "User:", "assistant": "Assistant:"},
}


class Base:
    def __init__(self, named):
        self.folder, _, form = named.partition("=")
        self.form = form or "human_assistant"
        self.tokenizer = AutoTokenizer.from_pretrained(self.folder)
        self.model = AutoModelForCausalLM.from_pretrained(self.folder, dtype=torch.float32).eval()
        self.bits = 0.0

    def ids(self, text):
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]

    def encode(self, messages):
        """Ids, and which of them are said rather than form."""
        end = self.tokenizer.eos_token_id
        own_end = self.form == "human_assistant"
        ids, said = ([], []) if own_end else ([end], [False])
        for message in messages:
            header = HEADERS[self.form].get(message["role"])
            pieces = [(self.ids(header), False)] if header else []
            pieces.append((self.ids((" " if header else "") + message["content"]), True))
            pieces.append((([end] if own_end and message["role"] == "assistant" else []) + self.ids("\n"), False))
            for piece, is_said in pieces:
                ids += piece
                said += [is_said] * len(piece)
        return ids, said

    @torch.no_grad()
    def score(self, messages):
        ids, said = self.encode(messages)
        logits = self.model(torch.tensor([ids])).logits[0, :-1].log_softmax(-1)
        nll = -logits.gather(1, torch.tensor(ids[1:])[:, None])[:, 0]
        mask = torch.tensor(said[1:])
        if messages[0]["role"] == "system":  # without a header, nothing stands before its first token
            mask[: 1 if self.form == "user_assistant" else 0] = False
        self.bits += nll[mask].sum().item() / math.log(2)

    def fits(self, messages):
        return len(self.encode(messages)[0]) <= self.model.config.n_positions


def main():
    parser = argparse.ArgumentParser(description="Compare base models on held-out conversations.")
    parser.add_argument("conversations")
    parser.add_argument("models", nargs="+", metavar="MODEL[=FORM]")
    parser.add_argument("--examples", type=int, default=300)
    arguments = parser.parse_args()

    bases = [Base(named) for named in arguments.models]
    measured = spoken = words = 0
    with open(arguments.conversations, encoding="utf-8") as lines:
        for line in lines:
            messages = json.loads(line)["messages"]
            if measured == arguments.examples:
                break
            if not all(base.fits(messages) for base in bases):
                continue
            measured += 1
            spoken += sum(len(m["content"].encode()) for m in messages)
            words += sum(len(m["content"].split()) for m in messages)
            for base in bases:
                base.score(messages)
    print(f"{arguments.conversations}: {measured} conversations, {words} words, {spoken} bytes")
    for base in bases:
        print(f"  {base.folder}: {base.bits / spoken:.4f} bits a byte, perplexity of a word {2 ** (base.bits / words):.2f}")


if __name__ == "__main__":
    main()
