#!/usr/bin/env bash
# notebook_test.sh PYTHON HOST ROOT : runs the notebook's cells, with a training of a few steps, and sees that the runner
# tells a notebook that fails.
set -euo pipefail
python=$1
host=$2
root=$3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "FAILED: $*" >&2
  exit 1
}
run_notebook() { "$python" "$root/tests/support/run_notebook.py" "$@"; }

short="threads=1 train.steps=3 train.batch_size=4 train.checkpoint_every=0 evaluate.examples=4 evaluate.every=0"
run_notebook "$root/recipes/notebooks/hybrid.ipynb" host="$host" run="$work/run" \
  settings="$short evaluate.generation.max_new_tokens=4" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
for left in run/evaluation.json run/checkpoints/step-000003.h5 run/report.html run-peft/lora/adapter_config.json \
            run-peft/prefix/adapter_config.json; do
  [[ -e $work/$left ]] || fail "the notebook left no $left: $(cat "$work/log")"
done

cell() { printf '{"cells": [{"cell_type": "code", "metadata": {}, "source": ["%s"], "outputs": []}]}' "$1"; }
cell 'print({}[0])' >"$work/raises.ipynb"
cell 'here = 3\n", "!exit {here}' >"$work/ends.ipynb"
for bad in raises ends; do
  run_notebook "$work/$bad.ipynb" >"$work/log" 2>&1 && fail "a notebook whose cell fails passed: $bad"
done
grep -qF "'exit 3' ended with 3" "$work/log" || fail "the command that failed is not told: $(cat "$work/log")"

cell '!echo a b' >"$work/writes.ipynb"
run_notebook "$work/writes.ipynb" --write >/dev/null
grep -qF '"a b\n"' "$work/writes.ipynb" || fail "what a cell printed is not in the notebook: $(cat "$work/writes.ipynb")"
echo "the notebook runs, and one that fails is told"
