// What a run writes into a checkpoint, and how it is put back.
#pragma once

#include <cstdint>
#include <future>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "peft/adapter_set.h"
#include "plugin/plugin_set.h"
#include "recipe/recipe.h"
#include "train/adamw.h"

namespace peft::host {

// What must be the same for a run to go on as if it had never stopped.
struct RunIdentity {
  std::string recipe;  // resolved, as YAML
  Value recipe_value;  // the same, for comparing key by key
  std::vector<PluginRecord> plugins;
  std::shared_future<std::string> base;  // identity of the base weights; waited for where it is needed
  std::string data;                      // hash of the training examples' tokens, in order
  int64_t examples = 0;                  // to train on
  std::string libtorch;                  // its version,
  std::string cpu_capability;            // and the kernels it chose by the CPU's features
};

// `metrics` is the text of metrics.jsonl up to `step`.
Checkpoint make_checkpoint(const RunIdentity& identity, const AdapterSet& set, const AdamW& optimizer,
                           int64_t step, const std::string& metrics);

// One method of a run, trained for `step` steps, as an adapter to the base of this identity. `recipe` is of
// that base with that method. Nothing can go on training from it.
Checkpoint adapter_checkpoint(const Recipe& recipe, const MethodInstance& method, const std::string& base,
                              int64_t step);

// Copies the set that was trained out of a checkpoint: into methods of the same names, whichever sets they
// are in here. Throws `peft::Error` naming every tensor that is missing, unexpected, misshapen or not finite,
// before anything is changed.
void restore_set(const Checkpoint& checkpoint, const std::vector<MethodInstance*>& methods);
void restore_set(const Checkpoint& checkpoint, AdapterSet& set);
// One method of it, whatever others there are.
void restore_method(const Checkpoint& checkpoint, MethodInstance& method);
// The same for the optimiser's moments.
void restore_optimizer(const Checkpoint& checkpoint, AdamW& optimizer);
// metrics.jsonl as it was at the checkpoint.
std::string metrics_of(const Checkpoint& checkpoint);

// Why a run of this identity cannot go on from the checkpoint bit for bit: a sentence each. Keys that do not
// touch the training (output, name, evaluate, train.checkpoint_every, train.keep, train.memory_limit, sweep)
// may differ, and so may where weights and data lie.
std::vector<std::string> resume_obstacles(const Checkpoint& checkpoint, const RunIdentity& identity);
// What of a recipe is not what the checkpoint was trained with and would give its tensors another meaning:
// model, methods, task, template.
std::vector<std::string> differences_from_trained(const Checkpoint& checkpoint, const Recipe& recipe);
// What may change the last bits, though the run can go on: another build of a plugin, LibTorch or processor.
std::vector<std::string> resume_warnings(const Checkpoint& checkpoint, const RunIdentity& identity);

}  // namespace peft::host
