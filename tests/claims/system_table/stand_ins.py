"""Small models in place of the hub's: the demo's GPT-2, MiniLM as a DistilBERT, and a T5 that is trained here first."""

import json
import shutil
import subprocess
import sys

from readme import ROOT

from .rows import ARTICLES, DISTILBERT, GPT2, T5

MINILM = ROOT / ".deps/minilm"

T5_CONFIG = {"vocab_size": 32128, "d_model": 128, "d_kv": 32, "d_ff": 256, "num_layers": 3, "num_heads": 4,
             "initializer_factor": 1.0}


def gpt2(_):
    return ROOT / "recipes/demo/model"


def distilbert(work):
    if not (MINILM / "config.json").exists():
        from figure import CannotTell
        raise CannotTell(f"needs MiniLM in {MINILM}: `make demo-real` fetches it")
    subprocess.run([sys.executable, ROOT / "tests/support/minilm_as_distilbert.py", MINILM, work.folder / DISTILBERT],
                   check=True)
    return work.folder / DISTILBERT


def t5_recipe(work, tokenizer):
    return {
        "name": "t5", "seed": 1, "threads": 1,
        "model": {"family": "t5", "weights": "random", "config": T5_CONFIG, "tokenizer": str(tokenizer)},
        "methods": ["full"],
        "data": {"dataset": "summaries", "source": str(work.data / ARTICLES), "columns": {"document": "article"},
                 "max_length": 128, "max_target_length": 64, "validation": 0.02},
        "task": {"seq2seq_lm": {"source_prefix": "summarize: "}},
        "train": {"epochs": 8, "batch_size": 16, "learning_rate": 3e-3, "schedule": "cosine", "warmup": 0.1},
        "evaluate": {"metrics": ["perplexity"], "examples": 40}, "output": str(work.folder / "t5-run"),
    }


def t5(work):
    """All weights of a random T5, trained on news and their summaries: it has seen no dialogue."""
    tokenizer = work.folder / "t5-tokenizer"
    tokenizer.mkdir(exist_ok=True)
    shutil.copyfile(work.data.parent / "tokenizers/t5_spiece.model", tokenizer / "spiece.model")
    recipe = work.folder / "t5.yaml"
    recipe.write_text(json.dumps(t5_recipe(work, tokenizer)), encoding="utf-8")  # JSON is YAML
    for left in ("t5-run", T5):
        shutil.rmtree(work.folder / left, ignore_errors=True)
    work.host("run", recipe, *work.t5_training)
    work.host("export", work.folder / "t5-run", "--format", "merged", "--to", work.folder / T5)
    return work.folder / T5


MAKERS = {GPT2: gpt2, DISTILBERT: distilbert, T5: t5}
