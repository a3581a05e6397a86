#include "distilbert_config.h"

#include <utility>

#include "peft/error.h"

namespace peft::distilbert {
namespace {

Options<Config> make_options() {
  Options<Config> options;
  options.add("vocab_size", &Config::vocab_size, "tokens in the vocabulary", at_least(1))
      .add("max_position_embeddings", &Config::max_position_embeddings, "positions, virtual tokens counted",
           at_least(1))
      .add("dim", &Config::dim, "width of the residual stream", at_least(1))
      .add("n_layers", &Config::n_layers, "blocks", at_least(1))
      .add("n_heads", &Config::n_heads, "attention heads; must divide dim", at_least(1))
      .add("hidden_dim", &Config::hidden_dim, "width of the feed-forward", at_least(1))
      .add("activation", &Config::activation, "of the feed-forward",
           {"gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu"})
      .add("initializer_range", &Config::initializer_range, "standard deviation of random weights", above(0))
      .add("sinusoidal_pos_embds", &Config::sinusoidal_pos_embds, "positions by formula: not supported");
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
  if (config.dim % config.n_heads != 0) {
    report("config: 'dim' is " + std::to_string(config.dim) + ", which 'n_heads' " +
           std::to_string(config.n_heads) + " does not divide");
  }
  if (config.sinusoidal_pos_embds)
    report("config: 'sinusoidal_pos_embds: true' is not supported; expected false");
  if (!problems.empty()) throw UsageError(problems);
  return config;
}

ModelInfo model_info(const Config& config) {
  return {.family = "distilbert",
          .kind = ModelKind::encoder,
          .hidden_size = config.dim,
          .layers = config.n_layers,
          .heads = config.n_heads,
          .key_value_heads = config.n_heads,
          .head_size = config.head_size(),
          .vocabulary = config.vocab_size,
          .max_positions = config.max_position_embeddings,
          .end_of_text = {},
          .decoder_start = {}};
}

std::vector<ParameterSpec> parameters(const Config& config, int64_t labels) {
  const int64_t d = config.dim;
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
    add("distilbert.embeddings." + name + ".weight", {rows, d}, ParameterRole::embedding, drawn);
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
  norm("distilbert.embeddings.LayerNorm");
  for (int64_t layer = 0; layer < config.n_layers; ++layer) {
    const std::string block = "distilbert.transformer.layer." + std::to_string(layer);
    for (const char* name : {"q_lin", "k_lin", "v_lin", "out_lin"})
      linear(block + ".attention." + name, d, d);
    norm(block + ".sa_layer_norm");
    linear(block + ".ffn.lin1", d, config.hidden_dim);
    linear(block + ".ffn.lin2", config.hidden_dim, d);
    norm(block + ".output_layer_norm");
  }
  linear("pre_classifier", d, d, /*optional=*/true);
  linear("classifier", d, labels, /*optional=*/true);
  return specs;
}

std::optional<std::string> canonical_name(std::string_view found) {
  for (const std::string_view leftover :
       {"vocab_transform.", "vocab_layer_norm.", "vocab_projector.", "qa_outputs."}) {
    if (found.starts_with(leftover)) return std::nullopt;
  }
  if (found.ends_with("embeddings.position_ids")) return std::nullopt;
  std::string name(found);
  for (const std::string_view stem : {"embeddings.", "transformer."}) {
    if (found.starts_with(stem)) name = "distilbert." + name;
  }
  for (const auto& [old, now] : {std::pair(".gamma", ".weight"), std::pair(".beta", ".bias")}) {
    if (name.ends_with(old)) name.replace(name.rfind('.'), std::string::npos, now);
  }
  return name;
}

}  // namespace peft::distilbert
