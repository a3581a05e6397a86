"""One training and what it measured of itself."""

import json
import os
import resource
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from readme import ROOT

EPOCHS = 3
BATCH_SIZE = 8
MAX_LENGTH = 256


@dataclass(frozen=True)
class Result:
    perplexity: float
    base: float
    parameters: int
    seconds: float     # of the processor, the whole process: wall time would tell of what else was running
    peak_bytes: int
    tokens: int
    steps: int


def processor_seconds():
    """Of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Runs:
    """Runs of the program in `build`, over the parts in `texts`, in `folder`."""

    def __init__(self, build, texts, folder):
        self.build, self.texts, self.folder = Path(build).resolve(), texts, Path(folder)

    def recipe(self, methods, part, seed, output):
        return {
            "name": "method", "seed": seed, "dtype": "bfloat16", "threads": 1,
            "model": {"family": "gpt2", "weights": str(ROOT / "recipes/demo/model")},
            "methods": methods,
            "data": {"dataset": "openassistant", "source": str(self.texts["training"]),
                     "validation": str(self.texts[part]), "template": "human_assistant", "max_length": MAX_LENGTH},
            "task": "causal_lm",
            "train": {"epochs": EPOCHS, "batch_size": BATCH_SIZE, "schedule": "cosine", "warmup": 0.05,
                      "checkpoint_every": 1000},
            "evaluate": {"metrics": ["perplexity"], "examples": 1000},
            "output": str(output),
        }

    def run(self, methods, part, seed):
        """None where the training does not stay finite: the learning rate is too high."""
        output = self.folder / "run"
        recipe = self.folder / "recipe.yaml"
        recipe.write_text(json.dumps(self.recipe(methods, part, seed, output)), encoding="utf-8")  # JSON is YAML
        before = processor_seconds()
        done = subprocess.run([self.build / "peft-host", "run", recipe], cwd=self.folder, capture_output=True, text=True,
                              check=False, env={**os.environ, "PEFT_PLUGIN_PATH": str(self.build / "plugins")})
        if done.returncode and "Lower train.learning_rate" not in done.stderr:
            raise RuntimeError(f"peft-host run ended with {done.returncode} on {methods}:\n{done.stderr[-3000:]}")
        result = None if done.returncode else self.read(output, processor_seconds() - before)
        shutil.rmtree(output, ignore_errors=True)
        return result

    @staticmethod
    def read(output, seconds):
        evaluation = json.loads((output / "evaluation.json").read_text(encoding="utf-8"))
        lines = [json.loads(line) for line in (output / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
        steps = [line for line in lines if "loss" in line]
        return Result(perplexity=evaluation["tuned"]["perplexity"], base=evaluation["base"]["perplexity"],
                      parameters=evaluation["trainable_parameters"], seconds=seconds,
                      peak_bytes=max(step["peak_memory_bytes"] for step in steps),
                      tokens=sum(step["tokens"] for step in steps), steps=len(steps))
