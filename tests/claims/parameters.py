"""What recipes/hybrid.yaml trains, counted by `validate` on a model of GPT-2 Medium's shape, without its weights."""

import json
import os
import re
import subprocess

import figure
from readme import ROOT

# In place of what the recipe fetches: the shape alone, and a few conversations.
LOCAL = [
    "model.weights=random", "model.tokenizer=recipes/demo/model",
    "model.config={vocab_size: 50257, n_positions: 1024, n_embd: 1024, n_layer: 24, n_head: 16}",
    "data.source=recipes/demo/conversations.jsonl",
]


def write_again(_, options):
    done = subprocess.run([options.build / "peft-host", "validate", "--json", "recipes/hybrid.yaml", *LOCAL], cwd=ROOT,
                          capture_output=True, text=True, check=False,
                          env={**os.environ, "PEFT_PLUGIN_PATH": str((options.build / "plugins").resolve())})
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout)["preflight"]
    trained, total = found["trainable_parameters"], found["total_parameters"]
    return f"{trained:,} of {total:,} parameters are trained: {100 * trained / total:.2f} %.\n"


def figures(said, found):
    def numbers(text):
        return re.findall(r"\d[\d,.]*\d", text)

    names = ["parameters trained", "of parameters", "in %"]
    return [figure.equal(*one) for one in zip(names, numbers(said), numbers(found), strict=True)]
