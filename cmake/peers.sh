#!/usr/bin/env bash
# The Python environment of `make parity` and `make bench`: the libraries this project is compared with, pinned.
# Run by `cmake/bootstrap.sh peers`, which sets PEFT_TORCH_INDEX. Nothing else needs Python.
#
# PEFT_PEERS: a virtual environment that already has them; it is used as it is. Without it, .venv-peers is made.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
requirements=tests/parity/requirements.txt

if [[ -n ${PEFT_PEERS:-} ]]; then
  [[ -x $PEFT_PEERS/bin/python ]] && exit 0
  echo "error: PEFT_PEERS=$PEFT_PEERS: expected a virtual environment, with bin/python in it; unset it to have one made" >&2
  exit 1
fi

stamp=.venv-peers/requirements.txt
cmp -s "$requirements" "$stamp" && [[ -x .venv-peers/bin/python ]] && exit 0

source cmake/packages.sh
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
  ensure_packages <<<'python3-venv tool:none'
fi
rm -rf .venv-peers
echo "making .venv-peers from $requirements (about 1.5 GB unpacked)" >&2
python3 -m venv .venv-peers
install() {
  .venv-peers/bin/python -m pip install -qq --disable-pip-version-check "$@" >&2
}
# The CPU build first, from wherever it is to be had: what comes after then finds its torch already there.
torch=$(grep '^torch==' "$requirements")
install "$torch" 2>/dev/null || install "$torch" --extra-index-url "$PEFT_TORCH_INDEX"
install -r "$requirements"
cp "$requirements" "$stamp"
