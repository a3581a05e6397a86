#!/usr/bin/env bash
# own_method_test.sh BUILD EXAMPLE : a published method that is no part of this project, built against the installed SDK,
# passes the tests that the host's own methods pass, and is trained, stopped, resumed and merged by the installed host.
set -euo pipefail
build=$1
example=$2
source "$(dirname "${BASH_SOURCE[0]}")/installed.sh"

install_to "$work/prefix"
cp -r "$example" "$work/ssf"
build_plugin "$work/ssf" "$work/prefix"
plugins=$work/ssf/build/plugins

# With every other method, and in threes; in parts, side by side.
tests=$work/prefix/bin/peft-test-method
running=()
for part in 0 1; do
  "$tests" "$work/ssf/ssf.json" --plugin-dir "$plugins" --part $part/2 >"$work/pairs-$part.log" 2>&1 &
  running+=($!)
done
for part in 0 1; do
  wait "${running[$part]}" || fail "$(tail -n 60 "$work/pairs-$part.log")"
  grep -qF 'All tests passed' "$work/pairs-$part.log" || fail "no tests ran: $(cat "$work/pairs-$part.log")"
done

# They can fail: of a case that says something else, they do.
sed 's/3 \* width/5 * width/' "$work/ssf/ssf.json" >"$work/ssf_miscounted.json"
"$tests" "$work/ssf_miscounted.json" --plugin-dir "$plugins" -- 'A method alone*' >"$work/miscounted.log" 2>&1 &&
  fail "a case with a wrong number of parameters passed: $(cat "$work/miscounted.log")"
grep -qF 'trained_elements() == expected' "$work/miscounted.log" || fail "$(cat "$work/miscounted.log")"
"$tests" "$work/ssf/ssf.json" >"$work/absent.log" 2>&1 && fail "a method without its plugin passed"
grep -qF "ssf" "$work/absent.log" || fail "the missing plugin is not named: $(cat "$work/absent.log")"

# In a recipe, beside another method.
host=$work/prefix/bin/peft-host
write_recipe "$work/whole" "[ssf: {learning_rate: 0.1}, lora: {rank: 2, dropout: 0.1}]" "steps: 6, checkpoint_every: 2"
run() { (cd "$work" && "$host" run recipe.yaml --plugin-dir "$plugins" "$@") >"$work/run.log" 2>&1; }
run || fail "$(cat "$work/run.log")"
"$host" plugins describe ssf --plugin-dir "$plugins" | grep -qF 'arXiv:2210.08565' || fail "plugins describe ssf"

# A run that is without its last checkpoint goes on to the same bits.
cp -r "$work/whole" "$work/cut"
rm "$work/cut/checkpoints/step-000006.h5"
run "output=$work/cut" --resume || fail "$(cat "$work/run.log")"
losses() { sed 's/, "learning_rate".*//' "$1/metrics.jsonl" | grep -F '"loss"'; }
[[ $(losses "$work/whole") == "$(losses "$work/cut")" ]] || fail "resumed, its losses are others"
cmp "$work/whole/evaluation.json" "$work/cut/evaluation.json" || fail "resumed, it came to another model"

# Merged, it is the same model: both of its methods fold.
"$host" export "$work/whole" --to "$work/merged" --format merged --plugin-dir "$plugins" >"$work/export.log" 2>&1 ||
  fail "$(cat "$work/export.log")"
cat "$work/export.log"
echo "ssf, built from the installed SDK, passes the tests of the host's own methods"
