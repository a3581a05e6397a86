#!/usr/bin/env python3
"""The notebook in Jupyter's own runner, and in tests/support/run_notebook.py that `make test` uses: both leave the same."""

import subprocess
import sys

from support.checks import Checks
from support.environment import ROOT, scratch
from support.host import PROGRAM

try:
    import nbclient
    import nbformat
except ImportError as missing:
    print(f"nothing to run the notebook with: {missing}; `pip install` what tests/parity/requirements.txt names")
    sys.exit(77)

NOTEBOOK = ROOT / "recipes" / "notebooks" / "hybrid.ipynb"
SHORT = ("threads=1 train.steps=3 train.batch_size=4 train.checkpoint_every=0 evaluate.examples=4 evaluate.every=0"
         " evaluate.generation.max_new_tokens=4")
LEFT = ["run-before.jsonl", "run-after.jsonl", "run/evaluation.json", "run/samples.jsonl",
        "run-peft/lora/adapter_model.safetensors", "run-peft/prefix/adapter_model.safetensors"]


def parameters(folder):
    return {"host": str(PROGRAM.resolve()), "run": str(folder / "run"), "settings": SHORT}


def in_jupyter(folder):
    """In a kernel, with the parameters in a cell behind the one tagged so, as papermill does it."""
    notebook = nbformat.read(NOTEBOOK, nbformat.NO_CONVERT)
    tagged = next(i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", []))
    lines = [f"{name} = {value!r}" for name, value in parameters(folder).items()]
    notebook.cells.insert(tagged + 1, nbformat.v4.new_code_cell("\n".join(lines)))
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()


def in_ours(folder):
    words = [f"{name}={value}" for name, value in parameters(folder).items()]
    subprocess.run([sys.executable, ROOT / "tests" / "support" / "run_notebook.py", NOTEBOOK, *words], check=True,
                   stdout=subprocess.DEVNULL)


def content(file):
    return file.read_bytes() if file.exists() else f"no {file.name}"


def main():
    checks = Checks("notebook")
    jupyter, ours = scratch() / "jupyter", scratch() / "ours"
    for runner, folder in ((in_jupyter, jupyter), (in_ours, ours)):
        folder.mkdir(parents=True)
        runner(folder)
    for name in LEFT:
        found = content(jupyter / name)
        checks.equal(name, content(ours / name), found)
        checks.equal(f"{name}: is there", isinstance(found, bytes), True)
    checks.finish()


if __name__ == "__main__":
    main()
