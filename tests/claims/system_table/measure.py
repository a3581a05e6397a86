"""Each system trained, measured, and measured again from what it saved, in a new process.

    measure(build, data, output) -> the path of its results, output/results.json

The file is written anew after each run, so that one can look on.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

from readme import ROOT

from . import stand_ins
from .rows import ROWS

SEEDS = (42, 43, 44)


class Work:
    """The program in `build`, the shared `data`, and a folder for all that is made."""

    def __init__(self, build, data, folder, t5_training=()):
        self.t5_training = t5_training  # overrides of the T5's own
        self.build, self.data, self.folder = Path(build).resolve(), Path(data).resolve(), Path(folder).resolve()

    def host(self, *words):
        done = subprocess.run([self.build / "peft-host", *map(str, words)], capture_output=True, text=True, check=False,
                              cwd=self.folder, env={**os.environ, "PEFT_PLUGIN_PATH": str(self.build / "plugins")})
        if done.returncode:
            raise RuntimeError(f"peft-host {words[0]} {words[1]} ended with {done.returncode}:\n{done.stderr[-3000:]}")
        return done.stdout


def evaluation(run):
    return json.loads((run / "evaluation.json").read_text(encoding="utf-8"))


def run(work, row, model, seed, more):
    output = work.folder / row.recipe
    shutil.rmtree(output, ignore_errors=True)
    work.host("run", ROOT / f"recipes/{row.recipe}.yaml", f"model.weights={model}", f"data.source={work.data / row.source}",
              f"output={output}", f"seed={seed}", "threads=1", *row.overrides, *more)
    trained = evaluation(output)
    work.host("eval", output)
    again = evaluation(output)
    return {"base": trained["base"][row.metric], "tuned": trained["tuned"][row.metric],
            "trained": trained["trainable_parameters"], "total": trained["total_parameters"],
            "reloaded_alike": again == trained}


def measure(build, data, output, rows=ROWS, seeds=SEEDS, more=()):
    """`more` overrides come last. The runs of the last seed stay in `output`, to be talked to and looked at."""
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    work = Work(build, data, output, t5_training=more[:2])
    results, models = {"rounds": [], "few_steps": bool(more)}, {}
    for seed in seeds:
        results["rounds"].append(found := {})
        for row in rows:
            if row.model not in models:
                models[row.model] = stand_ins.MAKERS[row.model](work)
            found[row.recipe] = one = run(work, row, models[row.model], seed, more)
            print(f"  seed {seed}, {row.recipe}: {row.metric} {one['base']:.4f} -> {one['tuned']:.4f}", flush=True)
            written = output / "results.json.tmp"
            written.write_text(json.dumps(results, indent=1), encoding="utf-8")
            os.replace(written, output / "results.json")
    return output / "results.json"
