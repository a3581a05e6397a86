#include "llama_config.h"

#include <algorithm>

#include "peft/error.h"
#include "peft/head.h"

namespace peft::llama {
namespace {

Options<Config> make_options() {
  Options<Config> options;
  options
      .add("model_type", &Config::model_type, "whose form of the architecture", {"llama", "mistral", "qwen2"})
      .add("vocab_size", &Config::vocab_size, "tokens in the vocabulary", at_least(1))
      .required()
      .add("hidden_size", &Config::hidden_size, "width of the residual stream", at_least(1))
      .required()
      .add("intermediate_size", &Config::intermediate_size, "width of the feed-forward", at_least(1))
      .required()
      .add("num_hidden_layers", &Config::num_hidden_layers, "blocks", at_least(1))
      .required()
      .add("num_attention_heads", &Config::num_attention_heads, "heads of queries", at_least(1))
      .required()
      .add("num_key_value_heads", &Config::num_key_value_heads,
           "heads of keys and values; must divide num_attention_heads; absent: as many", at_least(1))
      .add("head_dim", &Config::head_dim, "size of a head; absent: hidden_size / num_attention_heads",
           at_least(2))
      .add("max_position_embeddings", &Config::max_position_embeddings, "positions, virtual tokens counted",
           at_least(1))
      .required()
      .add("rms_norm_eps", &Config::rms_norm_eps, "added to the mean square", above(0))
      .add("hidden_act", &Config::hidden_act, "of the feed-forward's gate", {"silu"})
      .add("attention_bias", &Config::attention_bias, "biases in attention (model_type llama)")
      .add("mlp_bias", &Config::mlp_bias, "biases in the feed-forward (model_type llama)")
      .add("tie_word_embeddings", &Config::tie_word_embeddings, "the head is the token embedding")
      .add("rope_theta", &Config::rope_theta, "base of the rotary wavelengths", above(0))
      .add("sliding_window", &Config::sliding_window,
           "tokens a token sees; positions end where it would begin to matter", at_least(1))
      .add("use_sliding_window", &Config::use_sliding_window, "whether it acts (model_type qwen2)")
      .add("initializer_range", &Config::initializer_range, "standard deviation of random weights", above(0))
      .add("eos_token_id", &Config::eos_token_id, "the end-of-text token; absent: the tokeniser's",
           at_least(0));
  return options;
}

// One id or a list of them, which no option can be.
std::vector<int64_t> read_end_of_text(const Value& config,
                                      const std::function<void(const std::string&)>& report) {
  const Value* found = config.find("eos_token_id");
  if (found == nullptr || found->is_null()) return {};
  const Value::List ids = found->is_list() ? found->as_list() : Value::List{*found};
  std::vector<int64_t> read;
  for (const Value& id : ids) {
    if (id.is_integer() && id.as_integer() >= 0) {
      read.push_back(id.as_integer());
    } else {
      report("config: 'eos_token_id' holds something that is no token id; expected integers at least 0");
    }
  }
  return read;
}

// Mistral's window is 4096 where the configuration says nothing of it.
std::optional<int64_t> window_of(const Config& config, const Value& values) {
  if (config.model_type == "qwen2") return config.use_sliding_window ? config.sliding_window : std::nullopt;
  if (config.model_type != "mistral") return {};
  return values.find("sliding_window") == nullptr ? 4096 : config.sliding_window;
}

int64_t labels_of_classifier(const Value& values) {
  const Value* architectures = values.find("architectures");
  if (architectures == nullptr || !architectures->is_list()) return 0;
  const bool classifies = std::ranges::any_of(architectures->as_list(), [](const Value& name) {
    return name.is_text() && name.as_text().ends_with("ForSequenceClassification");
  });
  return classifies ? labels_of(values) : 0;
}

void check_shapes(const Config& config, const std::function<void(const std::string&)>& report) {
  const auto number = [](int64_t value) { return std::to_string(value); };
  if (!config.head_dim && config.hidden_size % config.num_attention_heads != 0)
    report("config: 'hidden_size' is " + number(config.hidden_size) + ", which 'num_attention_heads' " +
           number(config.num_attention_heads) + " does not divide");
  if (config.num_attention_heads % config.key_value_heads() != 0)
    report("config: 'num_attention_heads' is " + number(config.num_attention_heads) +
           ", which 'num_key_value_heads' " + number(config.key_value_heads()) + " does not divide");
  if (config.head_size() % 2 != 0)
    report("config: heads have the size " + number(config.head_size()) +
           "; expected an even one, as rotary positions turn pairs of features");
  if (config.model_type != "llama" && !config.num_key_value_heads)
    report("config: 'num_key_value_heads' is missing; expected a number, as model_type '" +
           config.model_type + "' has no usual one");
}

}  // namespace

std::string Config::class_prefix() const {
  if (model_type == "mistral") return "Mistral";
  return model_type == "qwen2" ? "Qwen2" : "Llama";
}

const Options<Config>& config_options() {
  static const Options<Config> options = make_options();
  return options;
}

Config read_config(const Value& values) {
  std::string problems;
  const auto report = [&](const std::string& problem) {
    problems += (problems.empty() ? "" : "\n") + problem;
  };
  Value known = values;
  known.set("eos_token_id", Value());
  Config config = config_options().read(resolve_known_options(config_options().table(), known, "config"));
  config.end_of_text = read_end_of_text(values, report);
  config.rope = read_rope(values, config.max_position_embeddings, report);
  config.sliding_window = window_of(config, values);
  config.labels = labels_of_classifier(values);
  check_shapes(config, report);
  if (!problems.empty()) throw UsageError(problems);
  return config;
}

ModelInfo model_info(const Config& config) {
  // Up to the window everything is seen.
  const int64_t positions = std::min(config.max_position_embeddings,
                                     config.sliding_window.value_or(config.max_position_embeddings));
  return {.family = "llama",
          .kind = ModelKind::decoder,
          .hidden_size = config.hidden_size,
          .layers = config.num_hidden_layers,
          .heads = config.num_attention_heads,
          .key_value_heads = config.key_value_heads(),
          .head_size = config.head_size(),
          .vocabulary = config.vocab_size,
          .max_positions = positions,
          .end_of_text = config.end_of_text,
          .decoder_start = {}};
}

std::vector<ParameterSpec> parameters(const Config& config) {
  const int64_t d = config.hidden_size;
  const int64_t q = config.num_attention_heads * config.head_size();
  const int64_t kv = config.key_value_heads() * config.head_size();
  const int64_t f = config.intermediate_size;
  std::vector<ParameterSpec> specs;
  const auto add = [&](std::string name, std::vector<int64_t> shape, ParameterRole role, BaseInit init) {
    specs.push_back({.name = std::move(name), .shape = std::move(shape), .role = role, .init = init});
  };
  const BaseInit drawn{BaseInit::Kind::normal, config.initializer_range};
  const auto norm = [&](const std::string& name) {
    add(name + ".weight", {d}, ParameterRole::norm, {BaseInit::Kind::ones, 0.0});
  };
  const auto linear = [&](const std::string& name, int64_t in, int64_t out, bool has_bias) {
    add(name + ".weight", {out, in}, ParameterRole::weight, drawn);
    if (has_bias) add(name + ".bias", {out}, ParameterRole::bias, {BaseInit::Kind::zeros, 0.0});
  };
  add("model.embed_tokens.weight", {config.vocab_size, d}, ParameterRole::embedding, drawn);
  for (int64_t layer = 0; layer < config.num_hidden_layers; ++layer) {
    const std::string block = "model.layers." + std::to_string(layer);
    norm(block + ".input_layernorm");
    linear(block + ".self_attn.q_proj", d, q, config.has_qkv_bias());
    linear(block + ".self_attn.k_proj", d, kv, config.has_qkv_bias());
    linear(block + ".self_attn.v_proj", d, kv, config.has_qkv_bias());
    linear(block + ".self_attn.o_proj", q, d, config.has_output_bias());
    norm(block + ".post_attention_layernorm");
    linear(block + ".mlp.gate_proj", d, f, config.has_mlp_bias());
    linear(block + ".mlp.up_proj", d, f, config.has_mlp_bias());
    linear(block + ".mlp.down_proj", f, d, config.has_mlp_bias());
  }
  norm("model.norm");
  if (!config.tie_word_embeddings) {
    add("lm_head.weight", {config.vocab_size, d}, ParameterRole::weight, drawn);
    specs.back().optional = config.labels > 0;
  }
  if (config.labels > 0) {
    add("score.weight", {config.labels, d}, ParameterRole::weight, drawn);
    specs.back().optional = true;
  }
  return specs;
}

std::optional<std::string> canonical_name(const Config& config, std::string_view found) {
  if (found.ends_with(".rotary_emb.inv_freq")) return std::nullopt;
  if (found == "lm_head.weight" && config.tie_word_embeddings) return "model.embed_tokens.weight";
  for (const std::string_view stem : {"embed_tokens.", "layers.", "norm."}) {
    if (found.starts_with(stem)) return "model." + std::string(found);
  }
  return std::string(found);
}

}  // namespace peft::llama
