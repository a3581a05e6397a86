#include "engine/session.h"

#include <algorithm>
#include <utility>

#include "checkpoint/load.h"
#include "engine/adapters.h"
#include "engine/environment.h"
#include "engine/run_checkpoint.h"
#include "engine/text_services.h"
#include "peft/error.h"

namespace peft::host {

std::filesystem::path checkpoint_folder(const Recipe& recipe) {
  return std::filesystem::path(recipe.output) / "checkpoints";
}

namespace {

// A last layer of a head, for which the task's stands.
bool is_replaced(const Sites& sites, const ParameterSite& parameter) {
  return std::ranges::any_of(sites.heads, [&](const HeadSite& head) {
    const HeadLayer& last = head.layers.back();
    return !head.attachments.empty() && (&parameter == last.weight || &parameter == last.bias);
  });
}

}  // namespace

int64_t total_parameters(const Session& session) {
  const Sites& sites = session.base.model->sites();
  int64_t total = 0;
  for (const ParameterSite& site : sites.parameters) {
    total += site.attachments.empty() && !is_replaced(sites, site) ? site.tensor.numel() : 0;
  }
  for (const MethodInstance& method : session.set->methods()) {
    for (const MethodTensor& tensor : method.tensors) total += tensor.trained ? tensor.tensor.numel() : 0;
  }
  return total;
}

void check_vocabulary(const Recipe& recipe, const Tokenizer& tokenizer, const ModelInfo& info) {
  if (tokenizer.vocab_size() <= info.vocabulary) return;
  throw UsageError(recipe.where("model.tokenizer").text() + ": error: the tokeniser in " +
                   recipe.model.tokenizer + " has ids up to " + std::to_string(tokenizer.vocab_size() - 1) +
                   ", but the model has embeddings for " + std::to_string(info.vocabulary) +
                   " tokens; give the tokeniser the model was trained with");
}

void check_positions(const Recipe& recipe, const AdapterSet& set, const ModelInfo& info,
                     Diagnostics& diagnostics) {
  const int64_t virtual_tokens = set.virtual_tokens();
  const int64_t needed = virtual_tokens + recipe.data.max_length;
  if (info.max_positions == 0 || needed <= info.max_positions) return;
  const std::string length = "'max_length' " + std::to_string(recipe.data.max_length);
  const std::string found = virtual_tokens == 0 ? length + " found"
                                                : std::to_string(virtual_tokens) + " virtual tokens and " +
                                                      length + " make " + std::to_string(needed);
  diagnostics.error(recipe.where("data.max_length"),
                    found + ", but the model has " + std::to_string(info.max_positions) +
                        " positions; set 'max_length' to at most " +
                        std::to_string(std::max<int64_t>(info.max_positions - virtual_tokens, 0)) +
                        (virtual_tokens > 0 ? ", or take fewer virtual tokens" : ""));
}

std::vector<ActiveSet> Session::base_sets() const {
  if (start == nullptr || start->methods().empty()) return {};
  return {start.get()};
}

namespace {

void attach(const Recipe& recipe, PluginSet& plugins, Session& session) {
  session.set = std::make_unique<AdapterSet>(trained_set);
  session.start = std::make_unique<AdapterSet>("start");
  BaseTextServices texts(session.model(), *session.codec);
  Diagnostics diagnostics;
  attach_methods(recipe, plugins, session.model(), *session.set, &texts, diagnostics);
  try {
    attach_head(recipe, *session.task, session.model(), *session.set);
    attach_head(recipe, *session.task, session.model(), *session.start);
  } catch (const UsageError& error) {
    diagnostics.error(recipe.where("task"), error.what());
  }
  check_positions(recipe, *session.set, session.model().info(), diagnostics);
  diagnostics.throw_if_errors();
}

}  // namespace

Session open_base(const Recipe& recipe, PluginSet& plugins, BaseContent content) {
  Session session;
  session.device = enter_environment(recipe);
  session.tokenizer = load_tokenizer(recipe.fetched.folder(recipe.model.tokenizer));
  session.base = load_base(recipe, plugins, content, session.device);
  check_vocabulary(recipe, *session.tokenizer, session.model().info());
  session.codec = std::make_unique<TokenizerCodec>(*session.tokenizer, session.model().info().end_of_text);
  const TaskDescriptor& task = plugins.task(recipe.task.name);
  session.task = task.create(recipe.task.options);
  session.task->check(session.model());
  session.peft_task_type = task.peft_task_type;
  session.set = std::make_unique<AdapterSet>(trained_set);
  return session;
}

Session open_session(const Recipe& recipe, PluginSet& plugins, BaseContent content) {
  Session session = open_base(recipe, plugins, content);
  attach(recipe, plugins, session);
  if (content == BaseContent::weights) load_initial_values(recipe, session.base, *session.set);
  return session;
}

void load_weights(const Recipe& recipe, PluginSet& plugins, Session& session) {
  put_weights(recipe, session.base, session.device);
  attach(recipe, plugins, session);
  load_initial_values(recipe, session.base, *session.set);
}

namespace {

// The run's newest good checkpoint, trained with what the recipe says.
LoadedCheckpoint trained_checkpoint(const Recipe& recipe, Observer& observer) {
  if (!holds_checkpoints(checkpoint_folder(recipe))) {
    throw Error(recipe.output + ": found no checkpoint; train it first with `peft-host run`");
  }
  LoadedCheckpoint loaded = read_latest(checkpoint_folder(recipe));
  for (const std::string& warning : loaded.warnings) observer.warning(warning);
  std::string differences;
  for (const std::string& difference : differences_from_trained(loaded.checkpoint, recipe)) {
    differences += "\n  " + difference;
  }
  if (!differences.empty()) {
    throw UsageError(loaded.path.string() + ": was trained with another recipe:" + differences +
                     "\nleave these keys as they were, or train it anew into another output=FOLDER");
  }
  return loaded;
}

void require_own_base(const LoadedCheckpoint& loaded, const Recipe& recipe, const BaseModel& here) {
  const Value* base = loaded.checkpoint.metadata.find("base");
  if (base != nullptr && base->is_text() && base->as_text() == here.identity.get()) return;
  throw Error(loaded.path.string() + ": was trained on other base weights than those in " +
              recipe.model.weights + "; give model.weights=FOLDER with the ones it was trained on");
}

}  // namespace

Session open_run(const Recipe& recipe, PluginSet& plugins, Observer& observer) {
  const LoadedCheckpoint loaded = trained_checkpoint(recipe, observer);
  Session session = open_session(recipe, plugins, BaseContent::weights);
  require_own_base(loaded, recipe, session.base);
  restore_set(loaded.checkpoint, *session.set);
  return session;
}

RunByMethod open_run_by_method(const Recipe& recipe, PluginSet& plugins, Observer& observer) {
  const LoadedCheckpoint loaded = trained_checkpoint(recipe, observer);
  RunByMethod run;
  run.step = loaded.checkpoint.step;
  run.session = open_base(recipe, plugins);
  require_own_base(loaded, recipe, run.session.base);
  BaseTextServices texts(run.session.model(), *run.session.codec);
  std::vector<MethodInstance*> methods;
  for (const RecipeMethod& method : recipe.methods) {
    AdapterSet& set = *run.sets.emplace_back(std::make_unique<AdapterSet>(method.name));
    methods.push_back(&attach_method(method, recipe.seed, plugins, run.session.model(), set, &texts));
  }
  AdapterSet& head = *run.sets.emplace_back(std::make_unique<AdapterSet>(head_name));
  attach_head(recipe, *run.session.task, run.session.model(), head);
  if (head.methods().empty()) {
    run.sets.pop_back();
  } else {
    methods.push_back(&head.methods().front());
  }
  restore_set(loaded.checkpoint, methods);
  return run;
}

}  // namespace peft::host
