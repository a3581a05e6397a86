#!/usr/bin/env bash
# `make bench`: peers_bench.py and what it times inside one process. ROWS: names of rows; ARGS: its other arguments.
set -e
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cmake --build "${PEFT_BUILD:-build}" --target tests/bench/all
exec tests/support/run_scripts.sh bench tests/bench/peers_bench.py
