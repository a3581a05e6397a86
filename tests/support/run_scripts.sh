#!/usr/bin/env bash
# run_scripts.sh WHAT SCRIPT… : runs each script (.py with the comparison environment's Python, .sh with bash), shows
# the output of all, and ends in "WHAT: N passed, N failed, N skipped". Fails if one failed or none ran at all.
#
# A script exits with 0 if it passed, 77 if it has nothing to run on (it says what is missing), anything else if it
# failed. It finds in its environment
#   PEFT_BUILD        the build folder, with peft-host and plugins/
#   PEFT_SHARED_DATA  real texts, tokenisers and weights; the folder may be absent
#   QUICK             set to something for the short form
set -uo pipefail
what=$1
shift
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root" || exit 1
export PEFT_BUILD=${PEFT_BUILD:-$root/build}
export PEFT_SHARED_DATA=${PEFT_SHARED_DATA:-$root/../shared}
export QUICK=${QUICK:-}
# Nothing here may depend on a network: models and data are local, and a look-up that fails takes minutes.
export HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error TOKENIZERS_PARALLELISM=false
python=${PEFT_PEERS:-$root/.venv-peers}/bin/python

passed=0 skipped=0 failed=()
for script in "$@"; do
  [[ -e $script ]] || continue  # a pattern that matched nothing
  echo "== $script"
  started=$SECONDS
  case $script in
    *.py) "$python" "$script" ;;
    *)    bash "$script" ;;
  esac
  case $? in
    0)  passed=$((passed + 1)); echo "-- passed in $((SECONDS - started)) s" ;;
    77) skipped=$((skipped + 1)); echo "-- skipped" ;;
    *)  failed+=("$script"); echo "-- FAILED after $((SECONDS - started)) s" ;;
  esac
done

if ((passed + skipped + ${#failed[@]} == 0)); then
  echo "$what: there is nothing to run: no file matches $*" >&2
  exit 1
fi
((${#failed[@]} == 0)) || printf 'failed: %s\n' "${failed[@]}"
echo "$what: $passed passed, ${#failed[@]} failed, $skipped skipped"
((${#failed[@]} == 0))
