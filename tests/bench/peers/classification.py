"""Reviews, a DistilBERT with a head of two labels, and LoRA on it, with Hugging Face's libraries alone."""

import csv

import work
from support import classification, host, reference
from tokenizers import Tokenizer
from transformers import DistilBertForSequenceClassification

LABELS = 2


def examples(spec):
    """(ids, label) of each, in the file's order."""
    tokenizer = Tokenizer.from_file(f"{spec['weights']}/tokenizer.json")
    tokenizer.enable_truncation(spec["data"]["max_length"])
    with open(spec["data"]["source"], encoding="utf-8", newline="") as file:
        return [(tokenizer.encode(row["text"]).ids, int(row["label"])) for row in csv.DictReader(file)]


def tuned(spec):
    """From the tensors that ours begins with, the head's among them."""
    start = host.read_tensors(spec["start"])
    model = DistilBertForSequenceClassification.from_pretrained(
        spec["weights"], num_labels=LABELS, dtype=work.DTYPES[spec["dtype"]], attn_implementation="sdpa", dropout=0.0,
        attention_dropout=0.0, seq_classif_dropout=0.0)
    case = classification.Case("", classification.DISTILBERT, spec["methods"])
    made = classification.build(case, model, list(start["head"])).train()
    reference.load_tensors(made, start)
    return made


def padded_loss(tuned, examples):
    return tuned.loss_sum(examples) / len(examples)


LOSSES = {"padded": padded_loss}
