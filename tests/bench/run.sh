#!/usr/bin/env bash
# `make bench`: how long the program takes to begin and to read files, and peers_bench.py with what it times inside one process. ROWS:
# names of its rows; ARGS: its other arguments.
set -e
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cmake --build "${PEFT_BUILD:-build}" --target tests/bench/all
exec tests/support/run_scripts.sh bench tests/bench/start_bench.py tests/bench/reading_bench.py tests/bench/peers_bench.py
