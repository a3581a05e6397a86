#include "t5_config.h"

#include <cmath>

#include "peft/error.h"

namespace peft::t5 {
namespace {

Options<Config> make_options() {
  Options<Config> options;
  options.add("vocab_size", &Config::vocab_size, "rows of the embedding", at_least(1))
      .add("d_model", &Config::d_model, "width of the residual stream", at_least(1))
      .add("d_kv", &Config::d_kv, "size of a head", at_least(1))
      .add("d_ff", &Config::d_ff, "width of the feed-forward", at_least(1))
      .add("num_layers", &Config::num_layers, "blocks of the encoder", at_least(1))
      .add("num_decoder_layers", &Config::num_decoder_layers,
           "blocks of the decoder; absent: as many as the encoder has", at_least(1))
      .add("num_heads", &Config::num_heads, "attention heads", at_least(1))
      .add("relative_attention_num_buckets", &Config::relative_attention_num_buckets,
           "distances that are told apart", at_least(4))
      .add("relative_attention_max_distance", &Config::relative_attention_max_distance,
           "from here on all distances are one", at_least(1))
      .add("layer_norm_epsilon", &Config::layer_norm_epsilon, "added to the mean square", above(0))
      .add("initializer_factor", &Config::initializer_factor, "scales random weights", above(0))
      .add("feed_forward_proj", &Config::feed_forward_proj, "of the feed-forward",
           {"relu", "gelu", "gelu_new", "silu", "gated-gelu", "gated-silu", "gated-relu"})
      .add("tie_word_embeddings", &Config::tie_word_embeddings, "the head is the embedding (1.0)")
      .add("scale_decoder_outputs", &Config::scale_decoder_outputs,
           "divide what the head reads by the root of d_model; absent: where embedding and head are tied")
      .add("eos_token_id", &Config::eos_token_id, "ends a text", at_least(0))
      .add("decoder_start_token_id", &Config::decoder_start_token_id, "what the decoder starts from",
           at_least(0));
  return options;
}

class SpecList {
 public:
  explicit SpecList(const Config& config) : config_(config) {}

  void norm(const std::string& name) {
    add(name + ".weight", {config_.d_model}, ParameterRole::norm, {BaseInit::Kind::ones, 0.0});
  }

  void linear(const std::string& name, int64_t out, int64_t in, double deviation) {
    add(name + ".weight", {out, in}, ParameterRole::weight, normal(deviation));
  }

  void attention(const std::string& name) {
    const auto d = static_cast<double>(config_.d_model);
    const int64_t inner = config_.inner();
    linear(name + ".q", inner, config_.d_model, 1.0 / std::sqrt(d * static_cast<double>(config_.d_kv)));
    linear(name + ".k", inner, config_.d_model, 1.0 / std::sqrt(d));
    linear(name + ".v", inner, config_.d_model, 1.0 / std::sqrt(d));
    linear(name + ".o", config_.d_model, inner, 1.0 / std::sqrt(static_cast<double>(inner)));
  }

  void distances(const std::string& name) {
    add(name + ".relative_attention_bias.weight", {config_.relative_attention_num_buckets, config_.num_heads},
        ParameterRole::embedding, normal(1.0 / std::sqrt(static_cast<double>(config_.d_model))));
  }

  void feed_forward(const std::string& name) {
    const double of_in = 1.0 / std::sqrt(static_cast<double>(config_.d_model));
    if (config_.gated()) {
      linear(name + ".wi_0", config_.d_ff, config_.d_model, of_in);
      linear(name + ".wi_1", config_.d_ff, config_.d_model, of_in);
    } else {
      linear(name + ".wi", config_.d_ff, config_.d_model, of_in);
    }
    linear(name + ".wo", config_.d_model, config_.d_ff, 1.0 / std::sqrt(static_cast<double>(config_.d_ff)));
  }

  void embedding(const std::string& name, ParameterRole role, bool optional) {
    add(name, {config_.vocab_size, config_.d_model}, role, normal(1.0));
    specs_.back().optional = optional;
  }

  std::vector<ParameterSpec> take() && { return std::move(specs_); }

 private:
  BaseInit normal(double deviation) const {
    return {BaseInit::Kind::normal, deviation * config_.initializer_factor};
  }

  void add(std::string name, std::vector<int64_t> shape, ParameterRole role, BaseInit init) {
    specs_.push_back({.name = std::move(name), .shape = std::move(shape), .role = role, .init = init});
  }

  const Config& config_;
  std::vector<ParameterSpec> specs_;
};

}  // namespace

std::string Config::activation() const {
  if (feed_forward_proj == "gated-gelu") return "gelu_new";  // so Hugging Face has always read it
  return gated() ? feed_forward_proj.substr(6) : feed_forward_proj;
}

const Options<Config>& config_options() {
  static const Options<Config> options = make_options();
  return options;
}

Config read_config(const Value& values) {
  Config config = config_options().read(resolve_known_options(config_options().table(), values, "config"));
  if (config.relative_attention_max_distance <= config.relative_attention_num_buckets / 2) {
    throw UsageError("config: 'relative_attention_max_distance' is " +
                     std::to_string(config.relative_attention_max_distance) +
                     ", expected more than half of 'relative_attention_num_buckets' " +
                     std::to_string(config.relative_attention_num_buckets));
  }
  return config;
}

ModelInfo model_info(const Config& config) {
  return {.family = "t5",
          .kind = ModelKind::encoder_decoder,
          .hidden_size = config.d_model,
          .layers = config.decoder_layers(),
          .heads = config.num_heads,
          .key_value_heads = config.num_heads,
          .head_size = config.d_kv,
          .vocabulary = config.vocab_size,
          .max_positions = 0,
          .end_of_text = {config.eos_token_id},
          .decoder_start = config.decoder_start_token_id};
}

std::vector<ParameterSpec> parameters(const Config& config) {
  SpecList specs(config);
  specs.embedding("shared.weight", ParameterRole::embedding, /*optional=*/false);
  const auto stack = [&](const std::string& side, int64_t layers, bool decoder) {
    for (int64_t layer = 0; layer < layers; ++layer) {
      const std::string block = side + ".block." + std::to_string(layer) + ".layer.";
      specs.attention(block + "0.SelfAttention");
      if (layer == 0) specs.distances(block + "0.SelfAttention");
      specs.norm(block + "0.layer_norm");
      if (decoder) {
        specs.attention(block + "1.EncDecAttention");
        specs.norm(block + "1.layer_norm");
      }
      const std::string last = block + (decoder ? "2" : "1");
      specs.feed_forward(last + ".DenseReluDense");
      specs.norm(last + ".layer_norm");
    }
    specs.norm(side + ".final_layer_norm");
  };
  stack("encoder", config.num_layers, false);
  stack("decoder", config.decoder_layers(), true);
  if (!config.scales()) specs.embedding("lm_head.weight", ParameterRole::weight, /*optional=*/true);
  return std::move(specs).take();
}

std::optional<std::string> canonical_name(const Config& config, std::string_view found) {
  if (found == "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight") return std::nullopt;
  if (found == "encoder.embed_tokens.weight" || found == "decoder.embed_tokens.weight")
    return "shared.weight";
  if (found == "lm_head.weight" && config.scales()) return "shared.weight";
  return std::string(found);
}

}  // namespace peft::t5
