"""Dialogues and their summaries, a T5 and a method on it, with Hugging Face's libraries alone."""

import json

import torch
import work
from support import host, reference, seq2seq
from tokenizers import Tokenizer
from transformers import T5ForConditionalGeneration


def examples(spec):
    """(source ids, target ids) of each, in the file's order."""
    data = spec["data"]
    tokenizer = Tokenizer.from_file(f"{spec['weights']}/tokenizer.json")

    def ids(text, length):
        tokenizer.enable_truncation(length)
        return tokenizer.encode(text).ids

    columns = data["columns"]
    rows = [json.loads(line) for line in open(data["source"], encoding="utf-8")]
    return [(ids(row[columns["source"]], data["max_length"]), ids(row[columns["target"]], data["max_target_length"]))
            for row in rows]


def tuned(spec):
    """From the tensors that ours begins with."""
    (kind, options), = spec["methods"]
    model = T5ForConditionalGeneration.from_pretrained(spec["weights"], dtype=work.DTYPES[spec["dtype"]])
    made = seq2seq.PeftSeq2Seq(model, (kind, kind, options)).train()
    reference.load_tensors(made, host.read_tensors(spec["start"]))
    return made


def padded_loss(tuned, examples):
    sources = [source for source, _ in examples]
    return tuned.model(input_ids=reference.pad(sources, 0), attention_mask=reference.pad([[1] * len(s) for s in sources], 0),
                       labels=reference.pad([target for _, target in examples], -100)).loss


LOSSES = {"padded": padded_loss}
