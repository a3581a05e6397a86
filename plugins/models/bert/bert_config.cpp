#include "bert_config.h"

#include <utility>

#include "peft/error.h"

namespace peft::bert {
namespace {

Options<Config> make_options() {
  Options<Config> options;
  options.add("vocab_size", &Config::vocab_size, "tokens in the vocabulary", at_least(1))
      .add("hidden_size", &Config::hidden_size, "width of the residual stream", at_least(1))
      .add("num_hidden_layers", &Config::num_hidden_layers, "blocks", at_least(1))
      .add("num_attention_heads", &Config::num_attention_heads, "attention heads; must divide hidden_size",
           at_least(1))
      .add("intermediate_size", &Config::intermediate_size, "width of the feed-forward", at_least(1))
      .add("hidden_act", &Config::hidden_act, "of the feed-forward",
           {"gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu"})
      .add("max_position_embeddings", &Config::max_position_embeddings, "positions, virtual tokens counted",
           at_least(1))
      .add("type_vocab_size", &Config::type_vocab_size, "kinds of segments; a text is the first", at_least(1))
      .add("layer_norm_eps", &Config::layer_norm_eps, "added to the variance", above(0))
      .add("initializer_range", &Config::initializer_range, "standard deviation of random weights", above(0))
      .add("position_embedding_type", &Config::position_embedding_type, "how positions are told",
           {"absolute"});
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
  if (config.hidden_size % config.num_attention_heads != 0) {
    report("config: 'hidden_size' is " + std::to_string(config.hidden_size) +
           ", which 'num_attention_heads' " + std::to_string(config.num_attention_heads) +
           " does not divide");
  }
  for (const char* key : {"is_decoder", "add_cross_attention"}) {
    const Value* found = values.find(key);
    if (found != nullptr && found->is_boolean() && found->as_boolean())
      report(std::string("config: '") + key + ": true' is not supported; expected false");
  }
  if (!problems.empty()) throw UsageError(problems);
  return config;
}

ModelInfo model_info(const Config& config) {
  return {.family = "bert",
          .kind = ModelKind::encoder,
          .hidden_size = config.hidden_size,
          .layers = config.num_hidden_layers,
          .heads = config.num_attention_heads,
          .key_value_heads = config.num_attention_heads,
          .head_size = config.head_size(),
          .vocabulary = config.vocab_size,
          .max_positions = config.max_position_embeddings,
          .end_of_text = {},
          .decoder_start = {}};
}

std::vector<ParameterSpec> parameters(const Config& config, int64_t labels) {
  const int64_t d = config.hidden_size;
  const BaseInit drawn{BaseInit::Kind::normal, config.initializer_range};
  const BaseInit zeros{BaseInit::Kind::zeros, 0.0};
  std::vector<ParameterSpec> specs;
  const auto add = [&](std::string name, std::vector<int64_t> shape, ParameterRole role, BaseInit init,
                       bool optional = false) {
    specs.push_back({.name = std::move(name),
                     .shape = std::move(shape),
                     .role = role,
                     .init = init,
                     .optional = optional});
  };
  const auto table = [&](const std::string& name, int64_t rows) {
    add("bert.embeddings." + name + ".weight", {rows, d}, ParameterRole::embedding, drawn);
  };
  const auto norm = [&](const std::string& name) {
    add(name + ".weight", {d}, ParameterRole::norm, {BaseInit::Kind::ones, 0.0});
    add(name + ".bias", {d}, ParameterRole::bias, zeros);
  };
  const auto linear = [&](const std::string& name, int64_t in, int64_t out, bool optional = false) {
    add(name + ".weight", {out, in}, ParameterRole::weight, drawn, optional);
    add(name + ".bias", {out}, ParameterRole::bias, zeros, optional);
  };
  table("word_embeddings", config.vocab_size);
  table("position_embeddings", config.max_position_embeddings);
  table("token_type_embeddings", config.type_vocab_size);
  norm("bert.embeddings.LayerNorm");
  for (int64_t layer = 0; layer < config.num_hidden_layers; ++layer) {
    const std::string block = "bert.encoder.layer." + std::to_string(layer);
    for (const char* name : {"query", "key", "value"}) linear(block + ".attention.self." + name, d, d);
    linear(block + ".attention.output.dense", d, d);
    norm(block + ".attention.output.LayerNorm");
    linear(block + ".intermediate.dense", d, config.intermediate_size);
    linear(block + ".output.dense", config.intermediate_size, d);
    norm(block + ".output.LayerNorm");
  }
  linear("bert.pooler.dense", d, d, /*optional=*/true);
  linear("classifier", d, labels, /*optional=*/true);
  return specs;
}

std::optional<std::string> canonical_name(std::string_view found) {
  if (found.starts_with("cls.") || found.starts_with("qa_outputs.")) return std::nullopt;
  if (found.ends_with("embeddings.position_ids")) return std::nullopt;
  std::string name(found);
  for (const std::string_view stem : {"embeddings.", "encoder.", "pooler."}) {
    if (found.starts_with(stem)) name = "bert." + name;
  }
  for (const auto& [old, now] : {std::pair(".gamma", ".weight"), std::pair(".beta", ".bias")}) {
    if (name.ends_with(old)) name.replace(name.rfind('.'), std::string::npos, now);
  }
  return name;
}

}  // namespace peft::bert
