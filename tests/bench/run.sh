#!/usr/bin/env bash
# `make bench`: every *_bench.py here, each a measurement beside HF PEFT on this machine.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." && exec tests/support/run_scripts.sh bench tests/bench/*_bench.py
