// The parts of a recipe that every verb which computes needs: tokeniser, base, methods.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "data/codec.h"
#include "engine/base_model.h"
#include "engine/engine.h"
#include "peft/adapter_set.h"
#include "peft/task.h"
#include "plugin/plugin_set.h"
#include "recipe/recipe.h"
#include "tokenizer/tokenizer.h"

namespace peft::host {

// Members are destroyed in reverse order: attachments live in the model's sites and point to their set.
struct Session {
  at::Device device = at::kCPU;
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<TokenizerCodec> codec;
  std::unique_ptr<Task> task;
  std::string peft_task_type;
  std::unique_ptr<AdapterSet> set;
  // The task's head as it starts, where it has one: with it the base is measured.
  std::unique_ptr<AdapterSet> start;
  BaseModel base;

  Model& model() const { return *base.model; }
  // The sets that act in what is compared with the tuned model.
  std::vector<ActiveSet> base_sets() const;
};

// Opens tokeniser and base and attaches the recipe's methods as they start. Diagnostics that show only now (a
// target without a match) are thrown together, each with its place. The recipe's environment must be
// resolved.
Session open_session(const Recipe& recipe, PluginSet& plugins, BaseContent content);

// `open_session` with nothing attached: the base, for adapters that come later.
Session open_base(const Recipe& recipe, PluginSet& plugins, BaseContent content = BaseContent::weights);

// Goes on from a session of shapes to one of weights: the methods are attached anew, as they start; tokeniser
// and files are not opened again. Throws as `open_session`.
void load_weights(const Recipe& recipe, PluginSet& plugins, Session& session);

// `open_session`, with the tensors of the run's newest good checkpoint. Throws `peft::Error` where the folder
// holds none, or one whose base was another.
Session open_run(const Recipe& recipe, PluginSet& plugins, Observer& observer);

// A run with each of its methods in a set of its own, named for it: what stands at a site then tells whose it
// is. Destroyed in reverse order, as a session is.
struct RunByMethod {
  std::vector<std::unique_ptr<AdapterSet>> sets;  // in recipe order
  Session session;
  int64_t step = 0;  // of the checkpoint
};

// As `open_run`.
RunByMethod open_run_by_method(const Recipe& recipe, PluginSet& plugins, Observer& observer);

// The base's parameters and what is trained beside them; what overrides a base tensor is not counted a second
// time.
int64_t total_parameters(const Session& session);

std::filesystem::path checkpoint_folder(const Recipe& recipe);

// A tokeniser with ids that the model has no embedding for is refused, naming both sizes.
void check_vocabulary(const Recipe& recipe, const Tokenizer& tokenizer, const ModelInfo& info);
// Virtual tokens and max_length must fit the positions; refused naming both, at `data.max_length`.
void check_positions(const Recipe& recipe, const AdapterSet& set, const ModelInfo& info,
                     Diagnostics& diagnostics);

}  // namespace peft::host
