#!/usr/bin/env bash
# `make parity`: every *_parity.py here, each a comparison with transformers and peft made on the spot.
set -e
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cmake --build "${PEFT_BUILD:-build}" --target tests/support/all
exec tests/support/run_scripts.sh parity tests/parity/*_parity.py
