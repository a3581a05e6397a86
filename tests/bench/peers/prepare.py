"""Models with random weights and GPT-2's exact shapes or a Llama's, GPT-2's tokeniser, and prompts: what ours and the peers read.

`make`: a list of {"folder", "size": [layers, width, heads, vocabulary], or a map of LlamaShape's, "tokenizer": gpt2 | nano}; `texts`: a file to
write, of that many texts that are longer than `tokens` each; `prompts`: how many, of at most so many tokens.
"""

import json
import shutil
from pathlib import Path

import work
from support import environment, llama, models, openassistant
from transformers import GPT2TokenizerFast

POSITIONS = 1024
TOKENIZERS = environment.SHARED / "tokenizers"
TEXTS = environment.SHARED / "data" / "openassistant" / "oasst1_en_train_texts_norole.jsonl"


def add_gpt2_tokenizer(folder):
    shutil.copyfile(TOKENIZERS / "gpt2_vocab.json", folder / "vocab.json")
    shutil.copyfile(TOKENIZERS / "gpt2_merges.txt", folder / "merges.txt")
    GPT2TokenizerFast.from_pretrained(folder).save_pretrained(folder)


def make_model(folder, size, tokenizer):
    # Narrow models need larger weights than GPT-2's for logits of some size.
    if isinstance(size, dict):
        shape = llama.LlamaShape(**size, positions=POSITIONS, deviation=0.02 if size["width"] >= 500 else 0.08)
    else:
        layers, width, heads, vocabulary = size
        shape = models.Shape(layers, width, heads, POSITIONS, vocabulary, deviation=0.02 if width >= 768 else 0.08)
    models.save(models.random_model(shape), folder)
    if tokenizer == "gpt2":
        add_gpt2_tokenizer(folder)


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
    work.answer({"prompts": prompts(encoder, **spec["prompts"])})


if __name__ == "__main__":
    main()
