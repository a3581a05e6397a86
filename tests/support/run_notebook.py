#!/usr/bin/env python3
"""Runs a notebook's cells in order, without Jupyter: Python, and lines that begin with `!` through bash.

    run_notebook.py NOTEBOOK [NAME=VALUE …] [--write]

As Jupyter does, it starts in the notebook's folder, and puts Python's values in place of {…} in a `!` line. Each NAME is
set to the text VALUE after the cell tagged `parameters` (papermill's convention). A cell that raises, or a command that
ends with anything but 0, is the end: exit code 1. --write puts the outputs into the notebook.
"""

import argparse
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import traceback
from pathlib import Path

SHELL_LINE = re.compile(r"^(\s*)!(.+)$", re.MULTILINE)


class Echo(io.StringIO):
    """Keeps what is written, and shows it."""

    def write(self, text):
        sys.__stdout__.write(text)
        sys.__stdout__.flush()
        return super().write(text)


def as_python(source):
    """`!` lines become calls."""
    return SHELL_LINE.sub(lambda match: f"{match[1]}__shell__({match[2]!r})", source)


def shell(line, known):
    command = re.sub(r"\{([^{}]+)\}", lambda match: str(eval(match[1], known)), line)  # noqa: S307
    child = subprocess.Popen(["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for part in child.stdout:
        sys.stdout.write(part.decode("utf-8", "replace"))
    if child.wait() != 0:
        raise RuntimeError(f"'{command}' ended with {child.returncode}")


def run_cell(cell, known):
    """What it printed."""
    with contextlib.redirect_stdout(Echo()) as printed:
        code = compile(as_python("".join(cell["source"])), "cell", "exec")
        exec(code, known)  # noqa: S102: a notebook is a program
    return printed.getvalue()


def run_cells(notebook, parameters):
    """Sets each code cell's outputs."""
    known = {"__name__": "__main__"}
    known["__shell__"] = lambda line: shell(line, known)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    if parameters and not any(is_tagged(cell) for cell in code):
        raise ValueError("found no cell tagged 'parameters' after which to set " + ", ".join(parameters))
    for number, cell in enumerate(code, 1):
        print(f"[{number}] " + "\n    ".join("".join(cell["source"]).splitlines()), flush=True)
        printed = run_cell(cell, known)
        cell["execution_count"] = number
        cell["outputs"] = [stream(printed)] if printed else []
        if is_tagged(cell):
            known.update(parameters)


def is_tagged(cell):
    return "parameters" in cell.get("metadata", {}).get("tags", [])


def stream(text):
    return {"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    path = options.notebook.resolve()
    notebook = json.loads(path.read_text(encoding="utf-8"))
    parameters = dict(one.split("=", 1) for one in options.parameters)
    os.chdir(path.parent)
    try:
        run_cells(notebook, parameters)
    except Exception:  # noqa: BLE001: a cell may raise anything
        traceback.print_exc()
        return 1
    if options.write:
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
