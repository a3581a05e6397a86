// From HF PEFT's format. What would change the adapter's function unnoticed is refused by its name.
#include <ATen/ops/equal.h>

#include <algorithm>
#include <regex>
#include <set>

#include "lora_method.h"
#include "peft/error.h"

namespace peft::lora {
namespace {

// An absent setting is what PEFT takes it for.
Value setting(const Value& config, std::string_view key, Value otherwise) {
  const Value* found = config.find(key);
  return found == nullptr || found->is_null() ? std::move(otherwise) : *found;
}

// The first entry of PEFT's rank_pattern or alpha_pattern, expressions on the ends of modules' names, that is
// for this module; null where none is.
const std::string* pattern_for(const Value& pattern, const std::string& option,
                               const std::string& hf_module) {
  if (!pattern.is_map()) return nullptr;
  for (const auto& [expression, value] : pattern.as_map()) {
    try {
      if (std::regex_match(hf_module, std::regex("(.*\\.)?(" + expression + ")"))) return &expression;
    } catch (const std::regex_error&) {
      throw Error("the adapter's '" + option + "' has '" + expression +
                  "', which is no regular expression; expected one on module names");
    }
  }
  return nullptr;
}

// Another alpha would go unnoticed: it changes no shape.
void expect_value(const Value& config, const std::string& key, const std::string& option,
                  const std::string& hf_module, const Value& wanted) {
  const Value pattern = setting(config, option + "_pattern", Value::Map());
  const std::string* expression = pattern_for(pattern, option + "_pattern", hf_module);
  if (expression == nullptr) return expect_peft_setting(config, key, wanted, option);
  try {
    expect_peft_setting(pattern, *expression, wanted, option);
  } catch (const Error& error) {
    throw Error(option + "_pattern: " + error.what() + " ('" + option + "_pattern' for single targets)");
  }
}

// Some initialisations take what A and B start with out of the base's weights. Their folders are updates of
// that changed base, which is not in the folder: it can be made again where that is not a matter of chance.
void expect_base(const Value& config, const std::string& init, bool in_out) {
  const Value found = setting(config, "init_lora_weights", true);
  const std::string name = found.is_text() ? found.as_text() : "";
  const bool changes_base = std::ranges::any_of(
      std::initializer_list<std::string_view>{"pissa", "olora", "corda", "loftq", "lora_ga"},
      [&](std::string_view changing) { return name.starts_with(changing); });
  // PEFT factorises the transpose of a Conv1D's weight, unlike all else it does to one: another base.
  const bool makes_it_again = name == init && (name == "pissa" || (name == "olora" && !in_out));
  if (changes_base && !makes_it_again) {
    throw Error("the adapter's 'init_lora_weights' is '" + name +
                "', which changes the base's weights too; save it in PEFT with "
                "path_initial_model_for_weight_conversion, which makes it an update of the base as it was" +
                (name == "pissa" ? ", or set 'init' to pissa" : ""));
  }
  if (!changes_base && (init.starts_with("pissa") || init == "olora")) {
    throw Error("the adapter is an update of the base as it is, the recipe's 'init' (" + init +
                ") takes its start out of the base's weights; set 'init' to kaiming");
  }
}

// Of forms of LoRA that this method has not, and of tensors beside those it has: left out, they would change
// what the adapter computes.
void refuse_other_forms(const Value& config) {
  refuse_peft_settings(config,
                       {"modules_to_save", "layer_replication", "lora_bias", "target_parameters",
                        "trainable_token_indices", "alora_invocation_tokens", "use_qalora", "use_bdlora",
                        "arrow_config", "kasa_config", "monteclora_config", "ensure_weight_tying"},
                       "lora", "updates of linear layers and token embeddings, with or without biases");
}

// PEFT saves the base's own weights with updates of a language model's head: no more than that, they say
// nothing new.
void take_out_base_weight(PeftFolder& folder, const Update& update) {
  const std::string name = peft_tensor_name(update.hf_module(), "base_layer.weight");
  const auto found = folder.tensors.find(name);
  if (found == folder.tensors.end()) return;
  const at::Tensor& base =
      (update.embedding != nullptr ? *update.embedding->weight : *update.linear.site->weight).tensor;
  if (!base.is_meta() &&
      (found->second.sizes() != base.sizes() || !at::equal(found->second.to(base.scalar_type()), base))) {
    throw Error("the adapter's '" + name +
                "' is not the base's own weight; expected an adapter that was trained on this base");
  }
  folder.tensors.erase(found);
}

}  // namespace

void LoraMethod::from_peft(const PeftFolder& folder, const Model&, MethodInstance&) const {
  const Value& config = folder.config;
  refuse_other_forms(config);
  Value resolved = config;
  resolved.set("use_rslora", setting(config, "use_rslora", false));
  resolved.set("use_dora", setting(config, "use_dora", false));
  resolved.set("bias", setting(config, "bias", "none"));
  expect_peft_setting(resolved, "use_rslora", options_.use_rslora, "use_rslora");
  expect_peft_setting(resolved, "use_dora", options_.use_dora, "use_dora");
  expect_peft_setting(resolved, "bias", options_.bias, "bias");

  PeftFolder adapter = folder;
  std::vector<PeftTensor> expected;
  bool in_out = false;
  for (const std::vector<const Update*>& updates : by_module()) {
    const Update& update = *updates.front();
    const LowRank& low_rank = update.low_rank;
    const std::string& module = update.hf_module();
    const bool embedding = update.embedding != nullptr;
    if (!embedding) expect_whole_module(update.linear);
    expect_value(config, "r", "rank", module, update.rank);
    expect_value(config, "lora_alpha", "alpha", module, update.alpha);
    in_out = in_out || (!embedding && update.linear.site->layout == WeightLayout::in_out);
    expected.push_back(
        {peft_tensor_name(module, embedding ? "lora_embedding_A" : "lora_A.weight"), low_rank.a});
    expected.push_back(
        {peft_tensor_name(module, embedding ? "lora_embedding_B" : "lora_B.weight"), low_rank.b});
    if (options_.use_dora) {
      expected.push_back({peft_tensor_name(module, "lora_magnitude_vector"), low_rank.magnitude});
    }
    take_out_base_weight(adapter, update);
  }
  expect_base(config, options_.init, in_out);
  for (const TrainedBias& bias : biases_) expected.push_back({bias_name(bias), bias.tensor});
  load_peft_tensors(adapter, expected);
}

// By the tensors, which say what was updated without PEFT's rules for names; ranks and alphas of single
// modules by the names of their sites.
Value LoraMethod::options_of(const PeftFolder& folder, const Model& model) const {
  const Value& config = folder.config;
  const Value rank = setting(config, "r", static_cast<int64_t>(LoraOptions().rank));
  const Value init = setting(config, "init_lora_weights", true);
  const Value alphas = setting(config, "alpha_pattern", Value::Map());
  Value::List targets;
  Value::Map ranks;
  Value::Map own_alphas;
  std::vector<PeftModule> modules;
  const auto add = [&](const std::string& site, const std::string& module, const char* tensor) {
    modules.push_back({.hf_module = module, .tensor = peft_tensor_name(module, tensor)});
    const auto found = folder.tensors.find(modules.back().tensor);
    if (found == folder.tensors.end() || found->second.dim() != 2) return;
    targets.emplace_back(site);
    const int64_t own_rank = found->second.size(0);
    if (rank != Value(own_rank)) ranks.emplace_back(site, Value(own_rank));
    const std::string* expression = pattern_for(alphas, "alpha_pattern", module);
    if (expression != nullptr) own_alphas.emplace_back(site, alphas.at(*expression));
  };
  for (const LinearSite& site : model.sites().linears) add(site.name, site.hf_module, "lora_A.weight");
  for (const EmbeddingSite& site : model.sites().embeddings) {
    add(site.name, site.hf_module, "lora_embedding_A");
  }
  expect_peft_targets(folder, model, modules);
  Value options = Value::Map{{"rank", rank},
                             {"alpha", setting(config, "lora_alpha", LoraOptions().alpha)},
                             {"use_rslora", setting(config, "use_rslora", false)},
                             {"use_dora", setting(config, "use_dora", false)},
                             {"bias", setting(config, "bias", "none")},
                             {"targets", std::move(targets)},
                             {"rank_pattern", std::move(ranks)},
                             {"alpha_pattern", std::move(own_alphas)}};
  if (init == Value("pissa") || init == Value("olora")) options.set("init", init);
  return options;
}

}  // namespace peft::lora
