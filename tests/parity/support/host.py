"""peft-host as its users run it: recipes, run folders, verbs."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import yaml

from .environment import BUILD, CONVERSATIONS

PROGRAM = BUILD / "peft-host"
DUMP_LOGITS = BUILD / "tests" / "support" / "dump_logits"


def environment():
    """What a program of the build is started with."""
    return {**os.environ, "PEFT_PLUGIN_PATH": str((BUILD / "plugins").resolve())}


def run_program(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, check=False, env=environment())
    if done.returncode != 0:
        raise RuntimeError(f"{Path(program).name} {' '.join(map(str, arguments))} ended with {done.returncode}:\n"
                           f"{done.stderr.decode()[-4000:]}")
    return done.stdout.decode()


def host(*arguments):
    return run_program(PROGRAM, *arguments)


def family_of(weights):
    """Of a model folder."""
    model_type = json.loads((Path(weights) / "config.json").read_text(encoding="utf-8"))["model_type"]
    return {"mistral": "llama", "qwen2": "llama"}.get(model_type, model_type)


def recipe(weights, methods, output, steps=1, data=None, train=None, seed=42, dtype="float32"):
    """A recipe over the OpenAssistant file, in the file's order, all of it for training."""
    return {
        "name": Path(output).name, "seed": seed, "dtype": dtype, "threads": 1,
        "model": {"family": family_of(weights), "weights": str(weights)},
        "methods": methods,
        "data": {"dataset": "openassistant", "source": str(CONVERSATIONS), "max_length": 96, "shuffle": False,
                 "validation": 0, **(data or {})},
        "task": "causal_lm",
        "train": {"steps": steps, "batch_size": 4, "learning_rate": 1e-3, "schedule": "linear", "warmup": 1,
                  "checkpoint_every": 1, "keep": 1000, **(train or {})},
        "evaluate": {"metrics": ["perplexity"], "examples": 1},
        "output": str(output),
    }


def write_recipe(content):
    path = Path(content["output"] + ".yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def read_steps(folder):
    """The lines of a run's optimiser steps."""
    lines = [json.loads(line) for line in (Path(folder) / "metrics.jsonl").read_text().splitlines()]
    return [line for line in lines if "loss" in line]


def read_tensors(checkpoint):
    """{method: {name: tensor}} of a checkpoint's own set."""
    import h5py
    import torch

    with h5py.File(checkpoint) as file:
        return {method: {name: torch.from_numpy(dataset[()]) for name, dataset in group.items()}
                for method, group in file["sets/default"].items()}


class Run:
    """A run that has been trained."""

    def __init__(self, content):
        self.folder = Path(content["output"])
        shutil.rmtree(self.folder, ignore_errors=True)
        self.methods = [next(iter(m.values())).get("name", next(iter(m))) for m in content["methods"]]
        host("run", write_recipe(content))

    def steps(self):
        return read_steps(self.folder)

    def tensors(self, step):
        """{method: {name: tensor}} as it was after a step."""
        return read_tensors(self.folder / "checkpoints" / f"step-{step:06d}.h5")


def dump_logits(recipe_or_run, sequences, output, base=False):
    """The model's logits [tokens of all sequences, vocabulary], virtual tokens left out."""
    from safetensors.torch import load_file

    ids = Path(output).with_suffix(".jsonl")
    ids.write_text("".join(json.dumps(sequence) + "\n" for sequence in sequences), encoding="utf-8")
    run_program(DUMP_LOGITS, recipe_or_run, ids, output, *(["--base"] if base else []))
    return load_file(output)["logits"]
