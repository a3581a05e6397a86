#include "engine/validate.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "base/figures.h"
#include "data/example_tokens.h"
#include "data/marked_text.h"
#include "engine/adapters.h"
#include "engine/check_evaluation.h"
#include "engine/environment.h"
#include "engine/failure.h"
#include "engine/memory_plan.h"
#include "engine/output_folder.h"
#include "engine/run_data.h"
#include "engine/run_template.h"
#include "engine/session.h"
#include "engine/train_options.h"
#include "peft/error.h"
#include "peft/labelling.h"

namespace peft::host {
namespace {

// A message that already says where it is about (FILE:LINE:COL: error: …) is not given a second place.
std::string without_place(const std::string& message, const RecipeLocation& where) {
  const size_t mark = message.find(": error: ");
  const bool placed = mark != std::string::npos && message.starts_with(where.file);
  return placed ? message.substr(mark + 9) : message;
}

// Runs a check; whatever it throws becomes a diagnostic at `path`, so that what else is wrong is told too.
// True where nothing was thrown.
bool attempt(const Recipe& recipe, const std::string& path, Diagnostics& diagnostics,
             const std::function<void()>& check) {
  try {
    readably(check);
    return true;
  } catch (const UsageError& error) {
    diagnostics.error(recipe.where(path), without_place(error.what(), recipe.where(path)));
  } catch (const Error& error) {
    diagnostics.failure(recipe.where(path), without_place(error.what(), recipe.where(path)));
  }
  return false;
}

std::vector<Preflight::Method> describe_methods(const AdapterSet& set) {
  std::vector<Preflight::Method> methods;
  for (const MethodInstance& instance : set.methods()) {
    Preflight::Method method{.name = instance.name, .plugin = instance.plugin};
    for (const MethodTensor& tensor : instance.tensors) {
      if (instance.trainable && tensor.trained) method.trainable_parameters += tensor.tensor.numel();
    }
    method.virtual_tokens = instance.prefix_length + instance.prompt_length;
    methods.push_back(std::move(method));
  }
  return methods;
}

// Methods that train the base's own tensors may name the same one. That is no mistake, but both move it, and
// nobody should find that out by surprise.
std::optional<std::string> trained_twice(Model& model, const AdapterSet& set) {
  std::set<std::string> seen;
  std::set<std::string> twice;
  for (const MethodInstance& method : set.methods()) {
    for (const MethodTensor& tensor : method.tensors) {
      if (method.trainable && tensor.trained && !seen.insert(tensor.name).second) twice.insert(tensor.name);
    }
  }
  std::erase_if(twice, [&](const std::string& name) {
    return std::ranges::find(model.sites().parameters, name, &ParameterSite::name) ==
           model.sites().parameters.end();
  });
  if (twice.empty()) return {};
  return "several methods train " + *twice.begin() +
         (twice.size() > 1 ? " and " + std::to_string(twice.size() - 1) + " more of the base's tensors"
                           : "") +
         ": what each of them changes adds up";
}

// Throws `peft::UsageError` where nothing is trained.
Trainer trainer_of(const Recipe& recipe, const Session& session, const RunData& data) {
  return {session.model(), *session.set, *session.task, data.training.examples, train_options(recipe)};
}

Preflight describe(const Recipe& recipe, Session& session, const RunData& data, const MemoryPlan& memory) {
  const ModelInfo& info = session.model().info();
  Preflight preflight;
  preflight.methods = describe_methods(*session.set);
  preflight.trainable_parameters = session.set->trained_elements();
  preflight.total_parameters = total_parameters(session);
  preflight.virtual_tokens = session.set->virtual_tokens();
  preflight.positions = info.max_positions;
  preflight.max_length = recipe.data.max_length;
  preflight.training_examples = static_cast<int64_t>(data.training.examples.size());
  preflight.validation_examples = data.validation_examples;
  const Trainer trainer = trainer_of(recipe, session, data);
  preflight.steps_per_epoch = trainer.steps_per_epoch();
  preflight.total_steps = trainer.total_steps();
  preflight.longest_example = data.training.summary.longest;
  preflight.memory_estimate_bytes = memory.peak.bytes;
  preflight.memory_limit_bytes = memory.limit;
  preflight.tokens_per_microbatch = memory.tokens_per_microbatch;
  preflight.notes = data.notes;
  if (const auto warning = memory.warning()) preflight.notes.push_back(*warning);
  if (const auto twice = trained_twice(session.model(), *session.set)) preflight.notes.push_back(*twice);
  if (!session.base.ignored.empty()) {
    preflight.notes.push_back(with_separators(static_cast<int64_t>(session.base.ignored.size())) +
                              " tensors of the weights are known leftovers and are not used");
  }
  const EncodedExample first = data.training.examples[0];
  for_each_sequence(first, [&](const EncodedSequence& sequence) {
    for (const MarkedText& piece : marked_text(*session.tokenizer, sequence))
      preflight.example.push_back({.text = piece.text, .trained = piece.trained});
  });
  if (auto* labelling = query<Labelling>(*session.task))
    preflight.label = labelling->label_names().at(static_cast<size_t>(first.target));
  return preflight;
}

}  // namespace

ValidateOutcome validate_recipe(Recipe recipe, PluginSet& plugins) {
  Diagnostics diagnostics;
  Session session;
  std::vector<std::string> environment_notes;
  attempt(recipe, "device", diagnostics, [&] {
    environment_notes = resolve_environment(recipe);
    session.device = enter_environment(recipe);
  });
  attempt(recipe, "output", diagnostics, [&] { check_output(recipe); });
  const bool has_tokenizer = attempt(recipe, "model.tokenizer", diagnostics, [&] {
    session.tokenizer = load_tokenizer(recipe.fetched.folder(recipe.model.tokenizer));
  });
  const bool has_template = has_tokenizer && attempt(recipe, "data.template", diagnostics, [&] {
                              resolve_template(recipe);
                              template_of(recipe, *session.tokenizer);
                            });
  const bool has_base =
      attempt(recipe, recipe.model.has_random_weights() ? "model.config" : "model.weights", diagnostics,
              [&] { session.base = load_base(recipe, plugins, BaseContent::shapes, session.device); });
  const bool has_task = attempt(recipe, "task", diagnostics, [&] {
    session.task = plugins.task(recipe.task.name).create(recipe.task.options);
  });
  session.set = std::make_unique<AdapterSet>(trained_set);
  const bool fits = has_base && has_task &&
                    attempt(recipe, "task", diagnostics, [&] { session.task->check(session.model()); });
  if (has_base) {
    attach_methods(recipe, plugins, session.model(), *session.set, nullptr, diagnostics);
    if (fits) {
      attempt(recipe, "task", diagnostics,
              [&] { attach_head(recipe, *session.task, session.model(), *session.set); });
    }
    check_positions(recipe, *session.set, session.model().info(), diagnostics);
    if (!diagnostics.has_errors()) {
      attempt(recipe, "methods", diagnostics,
              [&] { load_initial_values(recipe, session.base, *session.set); });
    }
  }
  if (has_base && has_tokenizer) {
    attempt(recipe, "model.tokenizer", diagnostics,
            [&] { check_vocabulary(recipe, *session.tokenizer, session.model().info()); });
  }
  check_evaluation(recipe, plugins, session, diagnostics);
  RunData data;
  if (has_template && has_task) {
    const auto end_of_text = has_base ? session.model().info().end_of_text : std::vector<int64_t>();
    session.codec = std::make_unique<TokenizerCodec>(*session.tokenizer, end_of_text);
    attempt(recipe, "data.source", diagnostics, [&] { data = read_run_data(recipe, session, plugins); });
  }
  ValidateOutcome outcome;
  MemoryPlan memory;
  if (!diagnostics.has_errors()) {
    const auto examples = static_cast<int64_t>(data.training.examples.size());
    check_length(recipe, *session.set, total_steps(train_options(recipe), examples), diagnostics);
  }
  if (!diagnostics.has_errors()) {
    attempt(recipe, "methods", diagnostics, [&] { trainer_of(recipe, session, data); });
  }
  if (!diagnostics.has_errors()) {
    attempt(recipe, "train.memory_limit", diagnostics,
            [&] { memory = plan_memory(recipe, session, data, plugins); });
  }
  if (!diagnostics.has_errors()) {
    data.notes.insert(data.notes.begin(), environment_notes.begin(), environment_notes.end());
    attempt(recipe, "methods", diagnostics,
            [&] { outcome.preflight = describe(recipe, session, data, memory); });
  }
  outcome.diagnostics = diagnostics.sorted();
  return outcome;
}

}  // namespace peft::host
