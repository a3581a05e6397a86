"""Models with random weights and real shapes, real tokenisers, texts and prompts: what ours and the peers read.

`models`: a list of {"folder", "size": a GPT-2's [layers, width, heads, vocabulary], or another family's by name,
"tokenizer": gpt2 | nano (of a GPT-2 or Llama)}; `texts`: a file to write, of that many texts that are longer than
`tokens` each; `reviews`: a file to write, of that many; `prompts`: how many, of at most so many tokens.
"""

import csv
import json
import random
import shutil
from pathlib import Path

import torch
import work
from support import environment, llama, models, openassistant
from transformers import (BertTokenizer, DistilBertConfig, DistilBertForSequenceClassification, GPT2TokenizerFast, T5Config,
                          T5ForConditionalGeneration, T5Tokenizer)

POSITIONS = 1024
TOKENIZERS = environment.SHARED / "tokenizers"
REVIEWS = environment.SHARED / "data" / "imdb" / "imdb_train.csv"
TEXTS = environment.SHARED / "data" / "openassistant" / "oasst1_en_train_texts_norole.jsonl"


def add_gpt2_tokenizer(folder):
    shutil.copyfile(TOKENIZERS / "gpt2_vocab.json", folder / "vocab.json")
    shutil.copyfile(TOKENIZERS / "gpt2_merges.txt", folder / "merges.txt")
    GPT2TokenizerFast.from_pretrained(folder).save_pretrained(folder)


def deviation(width):
    """Narrow models need larger weights than usual for logits of some size."""
    return 0.02 if width >= 500 else 0.08


def llama_model(folder, size, tokenizer):
    shape = llama.LlamaShape(**size, positions=POSITIONS, deviation=deviation(size["width"]))
    models.save(models.random_model(shape), folder)
    if tokenizer == "gpt2":
        add_gpt2_tokenizer(folder)


def gpt2_model(folder, size, tokenizer):
    layers, width, heads, vocabulary = size
    shape = models.Shape(layers, width, heads, POSITIONS, vocabulary, deviation=deviation(width))
    models.save(models.random_model(shape), folder)
    if tokenizer == "gpt2":
        add_gpt2_tokenizer(folder)


def distilbert_model(folder, size, _):
    torch.manual_seed(0)
    config = DistilBertConfig(n_layers=size["layers"], dim=size["width"], n_heads=size["heads"], hidden_dim=size["inner"],
                              dropout=0.0, attention_dropout=0.0, seq_classif_dropout=0.0, num_labels=2,
                              initializer_range=deviation(size["width"]))
    DistilBertForSequenceClassification(config).save_pretrained(folder)
    shutil.copyfile(TOKENIZERS / "bert_uncased_vocab.txt", folder / "vocab.txt")
    BertTokenizer.from_pretrained(folder).save_pretrained(folder)


def t5_model(folder, size, _):
    torch.manual_seed(0)
    config = T5Config(d_model=size["width"], num_heads=size["heads"], d_kv=size["width"] // size["heads"], d_ff=size["inner"],
                      num_layers=size["layers"], dropout_rate=0.0, decoder_start_token_id=0)
    T5ForConditionalGeneration(config).save_pretrained(folder)
    shutil.copyfile(TOKENIZERS / "t5_spiece.model", folder / "spiece.model")
    T5Tokenizer.from_pretrained(folder).save_pretrained(folder)


MAKERS = {"gpt2": gpt2_model, "llama": llama_model, "distilbert": distilbert_model, "t5": t5_model}


def make_model(folder, size, tokenizer):
    family = size.pop("family") if isinstance(size, dict) else "gpt2"
    MAKERS[family](folder, size, tokenizer)


def long_texts(encoder, count, tokens):
    """Neighbours of the real texts, joined until each is longer than `tokens`: cut there, all are of equal length."""
    pieces = (json.loads(line)["text"] for line in open(TEXTS, encoding="utf-8"))
    found = []
    while len(found) < count:
        text = next(pieces)
        while len(encoder.ids(text)) <= tokens:
            text += "\n" + next(pieces)
        found.append(text)
    return found


def write_reviews(path, count):
    """The file is sorted by its label."""
    with open(REVIEWS, encoding="utf-8", newline="") as file:
        rows = random.Random(0).sample(list(csv.DictReader(file)), count)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["text", "label"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def prompts(encoder, count, tokens):
    """First turns of the real threads, to be answered, no two of a length."""
    found = {}
    for thread in openassistant.read_threads(environment.CONVERSATIONS):
        ids = encoder.turn(*thread[0])[0] + encoder.ids("### Assistant:")
        if len(ids) <= tokens:
            found.setdefault(len(ids), ids)
    return list(found.values())[:count]


def main():
    spec = work.read()
    for wanted in spec["models"]:
        make_model(Path(wanted["folder"]), wanted["size"], wanted["tokenizer"])
    encoder = openassistant.Encoder(spec["models"][0]["folder"])
    texts = spec["texts"]
    with open(texts["path"], "w", encoding="utf-8") as file:
        for text in long_texts(encoder, texts["count"], texts["tokens"]):
            file.write(json.dumps({"text": text}) + "\n")
    write_reviews(**spec["reviews"])
    work.answer({"prompts": prompts(encoder, **spec["prompts"])})


if __name__ == "__main__":
    main()
