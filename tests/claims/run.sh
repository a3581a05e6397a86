#!/usr/bin/env bash
# `make claims`: produces the README's figures again (QUICK=1: the short form; ARGS: claims.py's arguments).
cd "$(dirname "${BASH_SOURCE[0]}")/../.." && exec tests/support/run_scripts.sh claims tests/claims/claims.py
