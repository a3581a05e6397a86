#include <ATen/TensorOperators.h>
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

// The base's tensors, in float32, with what overrides them: each by the sum of what its attachments change,
// as in a forward.
Weights overridden(const Model& model) {
  Weights weights;
  for (const ParameterSite& site : model.sites().parameters) {
    at::Tensor value;
    for (const auto& attached : site.attachments) {
      const at::Tensor one = attached.attachment->value(site.tensor);
      value = value.defined() ? value + (one - site.tensor) : one;
    }
    weights[&site] = (value.defined() ? value : site.tensor).detach().to(at::kFloat);
  }
  return weights;
}

// The token embeddings whose table is a linear's weight too; null where it has one of its own.
const EmbeddingSite* shared_embedding(const Model& model, const LinearSite& site) {
  for (const EmbeddingSite& embedding : model.sites().embeddings) {
    if (embedding.weight == site.weight) return &embedding;
  }
  return nullptr;
}

// Virtual tokens leave the table as it is.
bool changes_table(const Attached<EmbeddingAttachment>& attached) {
  return attached.attachment->length() == 0;
}

bool changes_table(const EmbeddingSite& site) {
  return std::any_of(site.attachments.begin(), site.attachments.end(),
                     [](const auto& attached) { return changes_table(attached); });
}

[[noreturn]] void refuse_to_fold(const std::string& site) {
  throw UsageError("what is attached to '" + site +
                   "' cannot be folded into its weight; export with --format peft");
}

// What stands at a linear into its weight `stored`, and into its bias among `weights`.
void fold_linear(const LinearSite& site, at::Tensor& stored, Weights& weights) {
  if (site.attachments.empty()) return;
  at::Tensor weight = (site.layout == WeightLayout::in_out ? stored.t() : stored).clone();  // [out, in]
  at::Tensor bias = site.bias == nullptr ? at::Tensor() : weights.at(site.bias).clone();
  for (const auto& attached : site.attachments) {
    at::Tensor weight_slice = weight.narrow(0, attached.begin, attached.size);
    at::Tensor bias_slice = bias.defined() ? bias.narrow(0, attached.begin, attached.size) : at::Tensor();
    at::Tensor new_weight = weight_slice;
    at::Tensor new_bias = bias_slice;
    if (!attached.attachment->fold(site, new_weight, new_bias)) refuse_to_fold(site.name);
    if (new_weight.data_ptr() != weight_slice.data_ptr()) weight_slice.copy_(new_weight);
    if (new_bias.defined() && !bias_slice.defined()) {
      throw UsageError("'" + site.name + "' has no bias to fold one into; export with --format peft");
    }
    if (new_bias.defined() && new_bias.data_ptr() != bias_slice.data_ptr()) bias_slice.copy_(new_bias);
  }
  stored = site.layout == WeightLayout::in_out ? weight.t().contiguous() : weight;
  if (bias.defined()) weights.at(site.bias) = bias;
}

void fold_embedding(const EmbeddingSite& site, at::Tensor& stored) {
  for (const auto& attached : site.attachments) {
    if (!changes_table(attached)) continue;
    at::Tensor table = stored.clone();
    if (!attached.attachment->fold(site, table)) refuse_to_fold(site.name);
    stored = table.contiguous();
  }
}

// A head that shares the embeddings' table, by its name in the model's files, where it may share it no
// longer: what was trained at one of the two acts there alone.
using OwnHeads = std::map<std::string, at::Tensor>;

OwnHeads fold_all(const Model& model, Weights& weights) {
  OwnHeads own_heads;
  for (const LinearSite& site : model.sites().linears) {
    const EmbeddingSite* shared = shared_embedding(model, site);
    if (shared == nullptr) {
      fold_linear(site, weights.at(site.weight), weights);
    } else if (!site.attachments.empty() || changes_table(*shared)) {
      at::Tensor& own = own_heads[site.hf_module + ".weight"];
      own = weights.at(site.weight);
      fold_linear(site, own, weights);
    }
  }
  for (const EmbeddingSite& site : model.sites().embeddings) fold_embedding(site, weights.at(site.weight));
  return own_heads;
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
  const OwnHeads own_heads = fold_all(session.model(), weights);

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
  for (const auto& [name, weight] : own_heads) {
    views.push_back(tensor_view(name, weight.to(type)));
    outcome.notes.push_back("'" + name +
                            "' is no longer the token embeddings' table, only one of them being "
                            "changed: the model has both");
  }
  write_safetensors(request.to / "model.safetensors", views);
  copy_tokenizer(recipe.fetched.folder(recipe.model.tokenizer), request.to);
  for (const auto& [folder, content] : beside) {
    write_peft_folder(folder, content, {.base = request.to.string(), .task_type = session.peft_task_type});
  }
  Value config = merged_config(recipe, session, type);
  if (!own_heads.empty()) config.set("tie_word_embeddings", false);
  write_file_atomically(request.to / "config.json", dump_json(config, 2) + "\n");
  outcome.folders.insert(outcome.folders.begin(), request.to);
  return outcome;
}

}  // namespace peft::host
