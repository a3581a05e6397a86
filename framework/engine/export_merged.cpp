#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>

#include "base/figures.h"
#include "base/files.h"
#include "base/json.h"
#include "checkpoint/commit.h"
#include "engine/export_run.h"
#include "engine/export_template.h"
#include "engine/merge.h"
#include "engine/peft_folder.h"
#include "engine/run_checkpoint.h"
#include "engine/task_head.h"
#include "engine/tensor_bytes.h"
#include "model_io/safetensors_writer.h"
#include "model_io/weights_hash.h"
#include "peft/error.h"
#include "peft/labelling.h"
#include "peft/method.h"
#include "tokenizer/tokenizer_files.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

// A model is never written over the one it came from, nor beside shards that would contradict it.
void check_target(const Recipe& recipe, const fs::path& to) {
  std::error_code absent;
  if (!recipe.model.has_random_weights() &&
      fs::equivalent(to, recipe.fetched.folder(recipe.model.weights), absent)) {
    throw UsageError("--to is " + to.string() + ", the folder of the base's own weights; give another");
  }
  if (fs::exists(to / "model.safetensors.index.json")) {
    throw UsageError("--to is " + to.string() + ", which holds a model in shards; give a new folder");
  }
}

at::ScalarType stored_type(const Recipe& recipe, const ExportRequest& request) {
  const std::string dtype = request.dtype.value_or(recipe.dtype);
  if (dtype == "float32") return at::kFloat;
  if (dtype == "bfloat16") return at::kBFloat16;
  throw UsageError("--dtype is '" + dtype + "'; expected float32 or bfloat16");
}

// What makes transformers load a model with a head for labels.
void describe_labels(Task& task, const Model& model, const std::optional<int64_t>& padding, Value& config) {
  auto* labelling = query<Labelling>(task);
  if (labelling == nullptr) return;
  Value names = Value::Map{};
  Value numbers = Value::Map{};
  int64_t label = 0;
  for (const std::string& name : labelling->label_names()) {
    names.set(std::to_string(label), name);
    numbers.set(name, label++);
  }
  config.set("architectures", Value::List{model.sites().heads.front().hf_architecture});
  config.set("id2label", std::move(names));
  config.set("label2id", std::move(numbers));
  config.set("problem_type", "single_label_classification");
  // Where the last token counts, transformers finds it by what follows it in a batch.
  const Value* given = config.find("pad_token_id");
  if ((given == nullptr || given->is_null()) && padding) config.set("pad_token_id", *padding);
}

Value merged_config(const Recipe& recipe, const Session& session, const ModelPlan& plan,
                    at::ScalarType type) {
  const Tokenizer& tokenizer = *session.tokenizer;
  Value config = plan.config;
  if (recipe.model.has_random_weights()) {
    // A family of several has it among its settings.
    if (config.find("model_type") == nullptr) config.set("model_type", plan.info.family);
    const Value* end = config.find("eos_token_id");
    const std::optional<int64_t> end_of_text = tokenizer.end_of_text();
    if (end != nullptr && end->is_null() && end_of_text) {
      config.set("eos_token_id", *end_of_text);
      config.set("bos_token_id", *end_of_text);
    }
  }
  config.set("dtype", type == at::kFloat ? "float32" : "bfloat16");
  describe_labels(*session.task, session.model(), session.codec->end_of_text(), config);
  return config;
}

void copy_tokenizer(const fs::path& from, const fs::path& to) {
  for (const std::string_view name : tokenizer_files) {
    if (fs::is_regular_file(from / name)) write_file_atomically(to / name, read_file(from / name));
  }
}

// What is not in the merged weights, as an adapter to them.
struct Beside {
  fs::path folder;
  MethodInstance* method = nullptr;
  std::optional<PeftFolder> peft;  // absent where PEFT has no form of it: then as a checkpoint of ours
};

std::vector<Beside> what_stays(const RunByMethod& run, const Merged& merged, const fs::path& to) {
  std::vector<Beside> stays;
  for (const auto& set : run.sets) {
    if (std::ranges::find(merged.beside, set.get()) == merged.beside.end()) continue;
    if (head_of(*set) != nullptr) continue;  // in the model
    MethodInstance& method = set->methods().front();
    Beside& beside = stays.emplace_back(Beside{.folder = to / method.name, .method = &method, .peft = {}});
    const auto* format = query<PeftFormat>(*method.method);
    if (format == nullptr) continue;
    try {
      beside.peft = format->to_peft(run.session.model(), method);
    } catch (const UsageError&) {
      // PEFT cannot say these options: a checkpoint of ours can.
    }
  }
  return stays;
}

// The recipe of the merged model with one of the methods: what `init_from` and `--adapters` ask of a
// checkpoint.
Recipe recipe_beside(Recipe recipe, const std::string& method, const fs::path& weights) {
  std::erase_if(recipe.methods, [&](const RecipeMethod& other) { return other.name != method; });
  recipe.model.weights = weights.string();
  recipe.model.tokenizer = weights.string();
  recipe.model.config = Value();
  return recipe;
}

fs::path write_beside(const Beside& beside, const Recipe& recipe, const RunByMethod& run,
                      const ExportRequest& request, const std::map<std::string, TensorView>& merged) {
  if (beside.peft) {
    write_peft_folder(beside.folder, *beside.peft,
                      {.base = request.to.string(), .task_type = run.session.peft_task_type});
    return beside.folder;
  }
  const Recipe own = recipe_beside(recipe, beside.method->name, request.to);
  const Checkpoint checkpoint = adapter_checkpoint(own, *beside.method, weights_identity(merged), run.step);
  return write_checkpoint(beside.folder, checkpoint, 1).path;
}

std::string note_of(const MergeDifference& difference) {
  return "the merged model's " + difference.what + " differ from the unmerged ones' by at most " +
         figure(difference.largest) + " of " + figure(difference.scale) + ", on " +
         std::to_string(difference.tokens) + " tokens";
}

}  // namespace

ExportOutcome export_merged(const Recipe& recipe, const RunByMethod& run, const ExportRequest& request) {
  const at::NoGradGuard no_grad;
  const at::ScalarType type = stored_type(recipe, request);
  check_target(recipe, request.to);
  const BaseModel& base = run.session.base;
  Merged merged = merge(base, run.sets);
  const bool is_untied = merged.plan.parameters.size() > base.plan.parameters.size();
  for (const auto& set : run.sets) {
    const MethodInstance* head = head_of(*set);
    if (head != nullptr) put_head(merged, run.session.model(), *head);
  }
  const std::vector<Beside> stays = what_stays(run, merged, request.to);

  create_folders(request.to);
  std::map<std::string, TensorView> named;
  std::vector<TensorView> views;
  for (const ParameterSpec& spec : merged.plan.parameters) {
    views.push_back(tensor_view(spec.name, merged.tensors.at(spec.name).to(type)));
    named.emplace(spec.name, views.back());
  }
  write_safetensors(request.to / "model.safetensors", views);
  copy_tokenizer(recipe.fetched.folder(recipe.model.tokenizer), request.to);

  ExportOutcome outcome;
  outcome.folders.push_back(request.to);
  for (const Beside& beside : stays) {
    const fs::path written = write_beside(beside, recipe, run, request, named);
    outcome.folders.push_back(written);
    outcome.notes.push_back(
        "'" + beside.method->name + "' cannot be folded into weights; it stands beside the model in " +
        written.string() +
        (beside.peft ? "" : ", for init_from and --adapters (Hugging Face PEFT has no such form)"));
  }
  if (is_untied) {
    outcome.notes.emplace_back(
        "the token embedding and the head shared a weight and no longer do: tie_word_embeddings is false");
  }
  if (auto said = export_template(recipe, run.session, request.to)) outcome.notes.push_back(*std::move(said));
  if (!merged.folded.empty()) outcome.notes.push_back(note_of(merge_difference(base, merged, type)));
  write_file_atomically(request.to / "config.json",
                        dump_json(merged_config(recipe, run.session, merged.plan, type), 2) + "\n");
  return outcome;
}

}  // namespace peft::host
