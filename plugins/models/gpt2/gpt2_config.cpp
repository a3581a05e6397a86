#include "gpt2_config.h"

#include <cmath>

#include "peft/error.h"

namespace peft::gpt2 {
namespace {

Options<Config> make_options() {
  Options<Config> options;
  options.add("vocab_size", &Config::vocab_size, "tokens in the vocabulary", at_least(1))
      .add("n_positions", &Config::n_positions, "positions, virtual tokens counted", at_least(1))
      .add("n_embd", &Config::n_embd, "width of the residual stream", at_least(1))
      .add("n_layer", &Config::n_layer, "blocks", at_least(1))
      .add("n_head", &Config::n_head, "attention heads; must divide n_embd", at_least(1))
      .add("n_inner", &Config::n_inner, "width of the feed-forward; absent: 4 n_embd", at_least(1))
      .add("activation_function", &Config::activation_function, "of the feed-forward",
           {"gelu_new", "gelu_pytorch_tanh", "gelu", "relu"})
      .add("layer_norm_epsilon", &Config::layer_norm_epsilon, "added to the variance", above(0))
      .add("initializer_range", &Config::initializer_range, "standard deviation of random weights", above(0))
      .add("tie_word_embeddings", &Config::tie_word_embeddings, "the head is the token embedding")
      .add("scale_attn_weights", &Config::scale_attn_weights, "divide scores by the root of the head size")
      .add("scale_attn_by_inverse_layer_idx", &Config::scale_attn_by_inverse_layer_idx,
           "divide scores by the layer's number too")
      .add("eos_token_id", &Config::eos_token_id, "the end-of-text token; absent: the tokeniser's",
           at_least(0));
  return options;
}

}  // namespace

const Options<Config>& config_options() {
  static const Options<Config> options = make_options();
  return options;
}

Config read_config(const Value& values) {
  const Config config =
      config_options().read(resolve_known_options(config_options().table(), values, "config"));
  std::string problems;
  const auto report = [&](const std::string& problem) {
    problems += (problems.empty() ? "" : "\n") + problem;
  };
  if (config.n_embd % config.n_head != 0) {
    report("config: 'n_embd' is " + std::to_string(config.n_embd) + ", which 'n_head' " +
           std::to_string(config.n_head) + " does not divide");
  }
  if (!config.scale_attn_weights)
    report("config: 'scale_attn_weights: false' is not supported; expected true");
  if (config.scale_attn_by_inverse_layer_idx) {
    report("config: 'scale_attn_by_inverse_layer_idx: true' is not supported; expected false");
  }
  const Value* cross = values.find("add_cross_attention");
  if (cross != nullptr && cross->is_boolean() && cross->as_boolean()) {
    report("config: 'add_cross_attention: true' is not supported; expected false");
  }
  if (!problems.empty()) throw UsageError(problems);
  return config;
}

ModelInfo model_info(const Config& config) {
  return {.family = "gpt2",
          .kind = ModelKind::decoder,
          .hidden_size = config.n_embd,
          .layers = config.n_layer,
          .heads = config.n_head,
          .key_value_heads = config.n_head,
          .head_size = config.head_size(),
          .vocabulary = config.vocab_size,
          .max_positions = config.n_positions,
          .end_of_text = config.eos_token_id ? std::vector{*config.eos_token_id} : std::vector<int64_t>(),
          .decoder_start = {}};
}

std::vector<ParameterSpec> parameters(const Config& config) {
  const int64_t d = config.n_embd;
  const double range = config.initializer_range;
  const double residual_range = range / std::sqrt(2.0 * static_cast<double>(config.n_layer));
  std::vector<ParameterSpec> specs;
  const auto add = [&](std::string name, std::vector<int64_t> shape, ParameterRole role, BaseInit init) {
    specs.push_back({.name = std::move(name), .shape = std::move(shape), .role = role, .init = init});
  };
  const auto normal = [](double deviation) { return BaseInit{BaseInit::Kind::normal, deviation}; };
  const BaseInit zeros{BaseInit::Kind::zeros, 0.0};
  const auto norm = [&](const std::string& name) {
    add(name + ".weight", {d}, ParameterRole::norm, {BaseInit::Kind::ones, 0.0});
    add(name + ".bias", {d}, ParameterRole::bias, zeros);
  };
  const auto linear = [&](const std::string& name, int64_t in, int64_t out, double deviation) {
    add(name + ".weight", {in, out}, ParameterRole::weight, normal(deviation));
    add(name + ".bias", {out}, ParameterRole::bias, zeros);
  };
  add("transformer.wte.weight", {config.vocab_size, d}, ParameterRole::embedding, normal(range));
  add("transformer.wpe.weight", {config.n_positions, d}, ParameterRole::embedding, normal(range));
  for (int64_t layer = 0; layer < config.n_layer; ++layer) {
    const std::string block = "transformer.h." + std::to_string(layer);
    norm(block + ".ln_1");
    linear(block + ".attn.c_attn", d, 3 * d, range);
    linear(block + ".attn.c_proj", d, d, residual_range);
    norm(block + ".ln_2");
    linear(block + ".mlp.c_fc", d, config.inner(), range);
    linear(block + ".mlp.c_proj", config.inner(), d, residual_range);
  }
  norm("transformer.ln_f");
  if (!config.tie_word_embeddings) {
    add("lm_head.weight", {config.vocab_size, d}, ParameterRole::weight, normal(range));
  }
  return specs;
}

std::optional<std::string> canonical_name(const Config& config, std::string_view found) {
  std::string_view bare = found;
  if (bare.starts_with("transformer.")) bare.remove_prefix(12);
  const bool in_attention =
      bare.starts_with("h.") && (bare.ends_with(".attn.bias") || bare.ends_with(".attn.masked_bias"));
  if (in_attention) return std::nullopt;
  if (found == "lm_head.weight")
    return std::string(config.tie_word_embeddings ? "transformer.wte.weight" : found);
  for (const std::string_view stem : {"h.", "wte.", "wpe.", "ln_f."}) {
    if (bare.starts_with(stem)) return "transformer." + std::string(bare);
  }
  return std::string(found);
}

}  // namespace peft::gpt2
