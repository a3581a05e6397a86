#!/usr/bin/env bash
# The demo, start to end: trains a hybrid, LoRA and prefix tuning of as many parameters, compares them with the base,
# then kills a training and resumes it. What is done already is not done again.
#
#   demo.sh [HOST]           HOST: the program, by default build/peft-host
#   demo.sh --if-done        show what an earlier demo left, at once; exits with 1 where there is none
#
# Everything it writes is under runs/. What it trains has figures in runs/*/evaluation.json; this script only reads
# them aloud.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

runs=(runs/demo runs/demo-lora runs/demo-prefix)
kept=runs/demo-inputs.txt # of which demo the runs are
summary=runs/demo-summary.txt

# What the demo's figures depend on, so that those of another version are never shown for this one's.
inputs() { cksum recipes/demo.yaml recipes/demo/*.yaml recipes/demo/*.jsonl recipes/demo/model/* recipes/demo/demo.sh; }
are_of_this_demo() { [[ -e $kept && $(<"$kept") == "$(inputs)" ]]; }
remove="rm -r ${runs[*]} $kept"

show_earlier() {
  [[ -e $summary ]] && are_of_this_demo || return 1
  cat "$summary"
  printf '\nof an earlier make demo; to do it again: %s\n' "$remove"
}

claim_runs() {
  local run
  for run in "${runs[@]}"; do
    if [[ -e $run ]] && ! are_of_this_demo; then
      echo "$run: error: found a run of something else, or of another version of the demo; move it away, or: $remove" >&2
      exit 1
    fi
  done
  mkdir -p runs
  inputs >"$kept"
}

# figure RUN base|tuned NAME: out of evaluation.json, which has a key a line.
figure() {
  awk -v part="\"$2\":" -v name="\"$3\":" '
    $1 == part { inside = 1 }
    inside && $1 == name { sub(/,$/, "", $2); print $2; exit }' "$1/evaluation.json"
}
parameters() { awk '$1 == "\"trainable_parameters\":" { sub(/,$/, "", $2); print $2 }' "$1/evaluation.json"; }

row() { # label run base|tuned parameters
  awk -v label="$1" -v parameters="$4" -v perplexity="$(figure "$2" "$3" perplexity)" -v bleu="$(figure "$2" "$3" bleu)" \
    -v exact="$(figure "$2" "$3" exact_match)" -v stopped="$(figure "$2" "$3" stopped)" 'BEGIN {
    printf "%-8s %10s %12.2f %8.1f %12.0f %% %8.0f %%\n", label, parameters, perplexity, bleu, 100 * exact, 100 * stopped }'
}

table() {
  echo "150 held-out conversations, of places, times and numbers that no training conversation has:"
  echo
  printf '%-8s %10s %12s %8s %14s %10s\n' "" trained perplexity BLEU "exact match" stops
  row base runs/demo base 0
  row LoRA runs/demo-lora tuned "$(parameters runs/demo-lora)"
  row prefix runs/demo-prefix tuned "$(parameters runs/demo-prefix)"
  row hybrid runs/demo tuned "$(parameters runs/demo)"
}

# Goes on where an interrupted demo stopped.
train() { # recipe run
  if [[ -e $2/evaluation.json ]]; then return; fi
  printf '\n== %s\n' "$1"
  if [[ -e $2/checkpoints/LATEST ]]; then "$host" run "$1" --resume; else "$host" run "$1"; fi
}

indented() { sed 's/^/    /'; }
one_line() { tr '\n' ' ' | cut -c 1-150; }

one_prompt() {
  local prompt='Hello. The board says: The ferry to Heather Bay leaves at 9:40. The bus to Oldcastle leaves at 11:15. The train to Milford leaves at 10:05. When does the bus to Oldcastle leave?'
  echo "One prompt, answered by the base and by the hybrid:"
  echo
  fold -s -w 100 <<<"$prompt" | indented
  echo
  echo "  base:   $("$host" generate runs/demo --base --prompt "$prompt" --max-new-tokens 40 | one_line)"
  echo "  hybrid: $("$host" generate runs/demo --prompt "$prompt" --max-new-tokens 40 | one_line)"
}

# The trained tensors of a run, as Hugging Face PEFT would read them.
adapters_hash() {
  local folder
  folder=$(mktemp -d)
  "$host" export "$1" --to "$folder/adapters" --format peft >/dev/null
  cat "$folder"/adapters/*/adapter_model.safetensors | sha256sum | cut -d ' ' -f 1
  rm -r "$folder"
}

kill_and_resume() {
  local short=(train.steps=40 train.checkpoint_every=5 evaluate.metrics=[perplexity] evaluate.every=0 evaluate.prompts=[] evaluate.examples=8)
  rm -rf runs/demo-straight runs/demo-killed
  echo "The same training of 40 steps twice, once killed (-9) on its way and resumed:"
  echo
  "$host" run recipes/demo.yaml "${short[@]}" output=runs/demo-straight >/dev/null 2>&1
  "$host" run recipes/demo.yaml "${short[@]}" output=runs/demo-killed >/dev/null 2>&1 &
  local victim=$!
  until [[ -e runs/demo-killed/checkpoints/LATEST ]]; do
    kill -0 "$victim" 2>/dev/null || { echo "demo.sh: error: the training ended before it could be killed" >&2; return 1; }
    sleep 0.1
  done
  kill -9 "$victim"
  wait "$victim" 2>/dev/null || true
  local killed_at
  killed_at=$(wc -l <runs/demo-killed/metrics.jsonl)
  "$host" run recipes/demo.yaml "${short[@]}" output=runs/demo-killed --resume >/dev/null 2>&1
  local straight killed
  straight=$(adapters_hash runs/demo-straight)
  killed=$(adapters_hash runs/demo-killed)
  printf '  %-28s %s\n' "never stopped" "$straight" "killed at step $killed_at, resumed" "$killed"
  [[ $straight == "$killed" ]] || { echo "demo.sh: error: the two adapters differ" >&2; return 1; }
  echo "  the same, bit for bit"
}

what_next() {
  cat <<'EOT'
The runs are in runs/demo (hybrid), runs/demo-lora and runs/demo-prefix: recipe, figures of every step, evaluation,
answers, checkpoints. Next:

  build/peft-host generate runs/demo --prompt 'The tram to Elton leaves at 7:30. When does the tram to Elton leave?'
  build/peft-host eval runs/demo                                 base against hybrid, again
  build/peft-host export runs/demo --to DIR --format peft        for Hugging Face PEFT
  build/peft-host recipes ls                                     other recipes to begin with
EOT
}

if [[ ${1:-} == --if-done ]]; then
  show_earlier
  exit
fi
host=${1:-build/peft-host}

claim_runs
train recipes/demo/lora.yaml runs/demo-lora
train recipes/demo/prefix.yaml runs/demo-prefix
train recipes/demo.yaml runs/demo
unfinished=$summary.tmp
: >"$unfinished"
for part in table one_prompt kill_and_resume what_next; do
  echo | tee -a "$unfinished"
  "$part" | tee -a "$unfinished"
done
mv "$unfinished" "$summary"
