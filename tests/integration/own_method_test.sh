#!/usr/bin/env bash
# own_method_test.sh BUILD EXAMPLE : a published method that is no part of this project, built against the installed SDK,
# passes the tests that the host's own methods pass, and is trained, stopped, resumed and merged by the installed host.
set -euo pipefail
build=$1
example=$2
cmake=${CMAKE:-cmake}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "FAILED: $*" >&2
  exit 1
}
unset PEFT_PLUGIN_PATH

"$cmake" --install "$build" --prefix "$work/prefix" --strip >"$work/install.log" || fail "$(cat "$work/install.log")"
cp -r "$example" "$work/ssf"
"$cmake" -S "$work/ssf" -B "$work/ssf/build" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/configure.log" 2>&1 ||
  fail "$(cat "$work/configure.log")"
"$cmake" --build "$work/ssf/build" >"$work/build.log" 2>&1 || fail "$(cat "$work/build.log")"
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
head -n 60 "$root/recipes/demo/conversations.jsonl" >"$work/chats.jsonl"
cat >"$work/recipe.yaml" <<EOT
seed: 3
threads: 1
model:
  family: gpt2
  weights: random
  config: {vocab_size: 8192, n_positions: 128, n_embd: 32, n_layer: 2, n_head: 2}
  tokenizer: $root/recipes/demo/model
methods: [ssf: {learning_rate: 0.1}, lora: {rank: 2, dropout: 0.1}]
data: {dataset: openassistant, source: chats.jsonl, max_length: 96, validation: 0.2}
task: causal_lm
train: {steps: 6, batch_size: 4, learning_rate: 0.1, checkpoint_every: 2}
evaluate: {metrics: [perplexity], examples: 4}
output: $work/whole
EOT
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
