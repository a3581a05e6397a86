#!/usr/bin/env python3
"""MiniLM on IMDb: LoRA by this host and by Hugging Face PEFT with the same recipe, the accuracy before and after.

    imdb_accuracy.py [--weights FOLDER] [--seeds 1 2 3] [--train 4000] [--test 5000] [--max-length 128] [--threads N]

Not a part of `make parity`: it trains for minutes a seed and side. A seed chooses the reviews to train on, the same for
both; their order, LoRA's start and the head's are each side's own, so that only means can be compared: they stand with
their 95 % intervals (Student's t). FOLDER holds MiniLM, as `make demo-real` fetches it.
"""

import argparse
import csv
import json
import math
import random
import sys
import time

import torch
from peft import LoraConfig, get_peft_model
from support.environment import ROOT, SHARED, scratch
from support.host import host, write_recipe
from tokenizers import Tokenizer
from transformers import AutoModelForSequenceClassification, get_scheduler

IMDB = SHARED / "data" / "imdb"
RATE, BATCH, RANK, ALPHA, WARMUP = 1e-3, 16, 8, 16, 0.1
T_975 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776}  # by degrees of freedom


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", default=ROOT / ".deps" / "minilm")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--train", type=int, default=4000)
    parser.add_argument("--test", type=int, default=5000)
    parser.add_argument("--max-length", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sides", nargs="+", choices=["ours", "peft"], default=["ours", "peft"])
    return parser.parse_args()


def read(name):
    with (IMDB / name).open(encoding="utf-8", newline="") as file:
        return [(row["text"], int(row["label"])) for row in csv.DictReader(file)]


def write(rows, path):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows(rows)
    return path


def ours(train, test, seed, options, folder):
    content = {
        "name": "imdb", "seed": seed, "threads": options.threads,
        "model": {"family": "bert", "weights": str(options.weights)},
        "methods": [{"lora": {"rank": RANK, "alpha": ALPHA, "targets": ["attn.q", "attn.v"]}}],
        "data": {"dataset": "labelled_text", "source": str(write(train, folder / "train.csv")),
                 "validation": str(write(test, folder / "test.csv")), "max_length": options.max_length},
        "task": "classification",
        "train": {"epochs": 1, "batch_size": BATCH, "learning_rate": RATE, "warmup": WARMUP, "checkpoint_every": 0},
        "evaluate": {"metrics": ["accuracy"], "examples": len(test)},
        "output": str(folder / "run"),
    }
    host("run", write_recipe(content))
    figures = json.loads((folder / "run" / "evaluation.json").read_text())
    return figures["base"]["accuracy"], figures["tuned"]["accuracy"]


def batches(rows, size):
    return [rows[begin:begin + size] for begin in range(0, len(rows), size)]


def padded(rows):
    longest = max(len(ids) for ids, _ in rows)
    ids = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in rows])
    mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in rows])
    return {"input_ids": ids, "attention_mask": mask}, torch.tensor([label for _, label in rows])


@torch.no_grad()
def accuracy(model, rows):
    model.eval()
    by_length = sorted(rows, key=lambda row: len(row[0]))
    right = sum((model(**inputs).logits.argmax(1) == labels).sum().item() for inputs, labels in map(padded, batches(by_length, 32)))
    return right / len(rows)


def peft(train, test, seed, options):
    torch.manual_seed(seed)
    torch.set_num_threads(options.threads)
    tokenizer = Tokenizer.from_file(f"{options.weights}/tokenizer.json")
    tokenizer.enable_truncation(options.max_length)
    tokenizer.no_padding()
    train, test = ([(tokenizer.encode(text).ids, label) for text, label in rows] for rows in (train, test))
    model = AutoModelForSequenceClassification.from_pretrained(
        options.weights, num_labels=2, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", r=RANK, lora_alpha=ALPHA, target_modules=["query", "value"]))
    before = accuracy(model, test)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.0)
    steps = math.ceil(len(train) / BATCH)
    schedule = get_scheduler("linear", optimizer, math.ceil(WARMUP * steps), steps)
    random.Random(seed).shuffle(train)
    model.train()
    for rows in batches(train, BATCH):
        inputs, labels = padded(rows)
        model(**inputs, labels=labels).loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return before, accuracy(model, test)


def interval(values):
    mean = sum(values) / len(values)
    if len(values) < 2:
        return f"{mean:.4f}"
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
    return f"{mean:.4f} ± {T_975[len(values) - 1] * deviation / math.sqrt(len(values)):.4f}"


def main():
    options = arguments()
    for path in (IMDB, ROOT / options.weights):
        if not path.exists():
            print(f"nothing to compare: {path} is not there")
            sys.exit(77)
    everything, test = read("imdb_train.csv"), read("imdb_test_5000.csv")
    test = random.Random(0).sample(test, min(options.test, len(test)))
    found = {side: [] for side in options.sides}
    print(f"{'seed':>4} {'':>5} {'before':>8} {'after':>8} {'seconds':>8}")
    for seed in options.seeds:
        train = random.Random(seed).sample(everything, options.train)
        for side in options.sides:
            folder = scratch() / f"{seed}"
            folder.mkdir(parents=True, exist_ok=True)
            began = time.monotonic()
            figures = ours(train, test, seed, options, folder) if side == "ours" else peft(train, test, seed, options)
            found[side].append(figures)
            print(f"{seed:>4} {side:>5} {figures[0]:8.4f} {figures[1]:8.4f} {time.monotonic() - began:8.0f}", flush=True)
    for side, figures in found.items():
        print(f"{side:>5}: before {interval([before for before, _ in figures])}, after {interval([after for _, after in figures])}")


if __name__ == "__main__":
    main()
