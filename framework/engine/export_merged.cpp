#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/files.h"
#include "base/json.h"
#include "engine/export_run.h"
#include "engine/peft_folder.h"
#include "engine/tensor_bytes.h"
#include "model_io/safetensors_writer.h"
#include "peft/error.h"
#include "peft/method.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

using Weights = std::map<const ParameterSite*, at::Tensor>;

bool stands_in_front(const MethodInstance& method) {
  return method.prefix_length > 0 || method.prompt_length > 0;
}

// The base's tensors, in float32, with what overrides them.
Weights overridden(const Model& model) {
  Weights weights;
  for (const ParameterSite& site : model.sites().parameters) {
    at::Tensor value = site.tensor;
    for (const auto& attached : site.attachments) value = attached.attachment->value(value);
    weights[&site] = value.detach().to(at::kFloat);
  }
  return weights;
}

bool shared_weight(const Model& model, const LinearSite& site) {
  const auto& embeddings = model.sites().embeddings;
  return std::any_of(embeddings.begin(), embeddings.end(),
                     [&](const EmbeddingSite& embedding) { return embedding.weight == site.weight; });
}

void fold_site(const Model& model, const LinearSite& site, Weights& weights) {
  if (site.attachments.empty()) return;
  if (shared_weight(model, site)) {
    throw UsageError(
        "'" + site.name +
        "' shares its weight with the token embedding, so what was trained at it cannot be folded in; "
        "export with --format peft");
  }
  at::Tensor& stored = weights.at(site.weight);
  at::Tensor weight = (site.layout == WeightLayout::in_out ? stored.t() : stored).clone();  // [out, in]
  at::Tensor bias = site.bias == nullptr ? at::Tensor() : weights.at(site.bias).clone();
  for (const auto& attached : site.attachments) {
    at::Tensor weight_slice = weight.narrow(0, attached.begin, attached.size);
    at::Tensor bias_slice = bias.defined() ? bias.narrow(0, attached.begin, attached.size) : at::Tensor();
    at::Tensor new_weight = weight_slice;
    at::Tensor new_bias = bias_slice;
    if (!attached.attachment->fold(site, new_weight, new_bias)) {
      throw UsageError("what is attached to '" + site.name +
                       "' cannot be folded into its weight; export with --format peft");
    }
    if (new_weight.data_ptr() != weight_slice.data_ptr()) weight_slice.copy_(new_weight);
    if (new_bias.defined() && !bias_slice.defined()) {
      throw UsageError("'" + site.name + "' has no bias to fold one into; export with --format peft");
    }
    if (new_bias.defined() && new_bias.data_ptr() != bias_slice.data_ptr()) bias_slice.copy_(new_bias);
  }
  stored = site.layout == WeightLayout::in_out ? weight.t().contiguous() : weight;
  if (bias.defined()) weights.at(site.bias) = bias;
}

void check_foldable(const Model& model) {
  for (const ResidualSite& site : model.sites().residuals) {
    if (site.attachments.empty()) continue;
    throw UsageError("a module stands at '" + site.name +
                     "', which cannot be folded into weights; export with --format peft");
  }
}

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

Value merged_config(const Recipe& recipe, const Session& session, at::ScalarType type) {
  Value config = session.base.plan.config;
  if (recipe.model.has_random_weights()) {
    config.set("model_type", session.base.plan.info.family);
    const Value* end = config.find("eos_token_id");
    const std::optional<int64_t> end_of_text = session.tokenizer->end_of_text();
    if (end != nullptr && end->is_null() && end_of_text) {
      config.set("eos_token_id", *end_of_text);
      config.set("bos_token_id", *end_of_text);
    }
  }
  config.set("dtype", type == at::kFloat ? "float32" : "bfloat16");
  return config;
}

void copy_tokenizer(const fs::path& from, const fs::path& to) {
  for (const char* name : {"tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json",
                           "special_tokens_map.json", "added_tokens.json"}) {
    if (fs::is_regular_file(from / name)) write_file_atomically(to / name, read_file(from / name));
  }
}

}  // namespace

ExportOutcome export_merged(const Recipe& recipe, Session& session, const ExportRequest& request) {
  const at::NoGradGuard no_grad;
  const at::ScalarType type = stored_type(recipe, request);
  check_target(recipe, request.to);
  check_foldable(session.model());
  Weights weights = overridden(session.model());
  for (const LinearSite& site : session.model().sites().linears) fold_site(session.model(), site, weights);

  ExportOutcome outcome;
  std::vector<std::pair<fs::path, PeftFolder>> beside;
  for (MethodInstance& method : session.set->methods()) {
    if (!stands_in_front(method)) continue;
    auto* format = query<PeftFormat>(*method.method);
    if (format == nullptr) {
      throw UsageError("the method '" + method.name +
                       "' can neither be merged nor be written as a PEFT folder");
    }
    beside.emplace_back(request.to / method.name, format->to_peft(session.model(), method));
    outcome.notes.push_back("'" + method.name +
                            "' cannot be folded into weights; it stands beside the model in " +
                            (request.to / method.name).string());
  }

  create_folders(request.to);
  std::vector<TensorView> views;
  for (const ParameterSite& site : session.model().sites().parameters) {
    views.push_back(tensor_view(site.name, weights.at(&site).to(type)));
  }
  write_safetensors(request.to / "model.safetensors", views);
  copy_tokenizer(recipe.fetched.folder(recipe.model.tokenizer), request.to);
  for (const auto& [folder, content] : beside) {
    write_peft_folder(folder, content, {.base = request.to.string(), .task_type = session.peft_task_type});
  }
  write_file_atomically(request.to / "config.json",
                        dump_json(merged_config(recipe, session, type), 2) + "\n");
  outcome.folders.insert(outcome.folders.begin(), request.to);
  return outcome;
}

}  // namespace peft::host
