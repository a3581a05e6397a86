# Sourced by tests that work with an installation of what was built, `build`, in the folder $work: it goes with the test.
cmake=${CMAKE:-cmake}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset PEFT_PLUGIN_PATH

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# install_to PREFIX : stripped.
install_to() {
  "$cmake" --install "$build" --prefix "$1" --strip >"$work/install.log" || fail "$(cat "$work/install.log")"
}

# build_plugin SOURCE PREFIX : against what is installed there, in SOURCE/build.
build_plugin() {
  "$cmake" -S "$1" -B "$1/build" -DCMAKE_PREFIX_PATH="$2" -DCMAKE_BUILD_TYPE=Release >"$work/configure.log" 2>&1 ||
    fail "$(cat "$work/configure.log")"
  "$cmake" --build "$1/build" >"$work/build.log" 2>&1 || fail "$(cat "$work/build.log")"
}

# write_recipe OUTPUT METHODS TRAIN : $work/recipe.yaml, a tiny random GPT-2 on a few of the demo's conversations.
write_recipe() {
  head -n 60 "$root/recipes/demo/conversations.jsonl" >"$work/chats.jsonl"
  cat >"$work/recipe.yaml" <<EOT
seed: 3
threads: 1
model:
  family: gpt2
  weights: random
  config: {vocab_size: 8192, n_positions: 128, n_embd: 32, n_layer: 2, n_head: 2}
  tokenizer: $root/recipes/demo/model
methods: $2
data: {dataset: openassistant, source: chats.jsonl, max_length: 96, validation: 0.2}
task: causal_lm
train: {batch_size: 4, learning_rate: 0.1, $3}
evaluate: {metrics: [perplexity], examples: 4}
output: $1
EOT
}
