#!/usr/bin/env bash
# `make claims`: every script here produces one of the README's figures again.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." && exec tests/support/run_scripts.sh claims tests/claims/*_claim.sh
