#include "t5_model.h"

#include <ATen/TensorOperators.h>

#include <cmath>

namespace peft::t5 {

// Builds a side's blocks, in forward order.
struct T5::StackBuilder {
  Sites& sites;
  const Config& config;
  SiteBuilder& build;

  ParameterSite* norm(const std::string& module) {
    return build.parameter(module + ".weight", ParameterRole::norm);
  }

  // `module` "encoder.block.3.layer.0".
  Attention attention(const BlockName& block, const std::string& module, AttentionKind kind) {
    const bool cross = kind == AttentionKind::cross;
    const std::string role = cross ? "cross" : "attn";
    const std::string hf = module + (cross ? ".EncDecAttention." : ".SelfAttention.");
    Attention built{};
    built.norm = norm(module + ".layer_norm");
    built.q = build.linear(block, role + ".q", hf + "q");
    built.k = build.linear(block, role + ".k", hf + "k");
    built.v = build.linear(block, role + ".v", hf + "v");
    built.site = &sites.attentions.emplace_back(AttentionSite{.name = block.name + "." + role,
                                                              .kind = kind,
                                                              .layer = block.layer,
                                                              .heads = config.num_heads,
                                                              .key_value_heads = config.num_heads,
                                                              .head_size = config.d_kv,
                                                              .causal = kind == AttentionKind::self,
                                                              .scale = 1.0,
                                                              .attachments = {}});
    built.out = build.linear(block, role + ".out", hf + "o");
    const auto place = cross ? ResidualPlace::after_cross_attention : ResidualPlace::after_attention;
    built.after = build.residual(block, role, place, config.d_model);
    return built;
  }

  FeedForward feed_forward(const BlockName& block, const std::string& module) {
    const std::string hf = module + ".DenseReluDense.";
    FeedForward built{};
    built.norm = norm(module + ".layer_norm");
    if (config.gated()) built.gate = build.linear(block, "mlp.gate", hf + "wi_0");
    built.in = build.linear(block, "mlp.in", hf + (config.gated() ? "wi_1" : "wi"));
    built.out = build.linear(block, "mlp.out", hf + "wo");
    built.after = build.residual(block, "mlp", ResidualPlace::after_feed_forward, config.d_model);
    return built;
  }

  Stack stack(const std::string& side, int64_t layers, bool decoder) {
    Stack built;
    built.buckets = {.count = config.relative_attention_num_buckets,
                     .max_distance = config.relative_attention_max_distance,
                     .both_ways = !decoder};
    built.distances = build.parameter(side + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                                      ParameterRole::embedding);
    for (int64_t layer = 0; layer < layers; ++layer) {
      const std::string number = std::to_string(layer);
      const std::string module = side + ".block." + number + ".layer.";
      const BlockName block{.name = side + "." + number, .layer = layer};
      Block next{};
      next.self = attention(block, module + "0", decoder ? AttentionKind::self : AttentionKind::encoder);
      if (decoder) next.cross = attention(block, module + "1", AttentionKind::cross);
      next.feed_forward = feed_forward(block, module + (decoder ? "2" : "1"));
      built.blocks.push_back(next);
    }
    built.final_norm = norm(side + ".final_layer_norm");
    return built;
  }
};

T5::T5(const Config& config, const BaseTensors& tensors) : Model(model_info(config)), config_(config) {
  SiteBuilder build(sites_, tensors);
  tokens_ = build.tokens("shared");
  StackBuilder side{.sites = sites_, .config = config, .build = build};
  encoder_ = side.stack("encoder", config.num_layers, /*decoder=*/false);
  decoder_ = side.stack("decoder", config.decoder_layers(), /*decoder=*/true);
  ParameterSite* own = build.parameter_if_there("lm_head.weight", ParameterRole::weight);
  build.language_head(own == nullptr ? tokens_->weight : own);
}

at::Tensor T5::norm(const Forward& forward, const ParameterSite& weight, const at::Tensor& x,
                    at::ScalarType type) const {
  return rms_norm(x, forward.parameter(weight), config_.layer_norm_epsilon, type);
}

SumAndNorm T5::add_and_norm(const Forward& forward, const ParameterSite& weight, const at::Tensor& x,
                            const at::Tensor& y) const {
  return add_rms_norm(x, y, forward.parameter(weight), config_.layer_norm_epsilon, forward.operand_type());
}

at::Tensor T5::heads(const at::Tensor& y) const {
  return y.unflatten(1, {config_.num_heads, config_.d_kv});
}

at::Tensor T5::attend(Forward& forward, const Attention& attention, const at::Tensor& x,
                      const DistanceBias& bias) const {
  const auto projected = [&](LinearSite* site) { return heads(forward.linear(*site, x)); };
  return forward.linear(*attention.out,
                        forward.attention(*attention.site, projected(attention.q), projected(attention.k),
                                          projected(attention.v), bias));
}

at::Tensor T5::attend_across(Forward& forward, const Attention& attention, const at::Tensor& x,
                             const at::Tensor& encoded) const {
  // While decoding goes on, the cache has what the encoder said.
  const auto of_encoder = [&](LinearSite* site) {
    return encoded.defined() ? heads(forward.linear(*site, encoded, forward.encoder_rows())) : at::Tensor();
  };
  return forward.linear(*attention.out,
                        forward.cross_attention(*attention.site, heads(forward.linear(*attention.q, x)),
                                                of_encoder(attention.k), of_encoder(attention.v)));
}

at::Tensor T5::feed(Forward& forward, const FeedForward& feed_forward, const at::Tensor& x) const {
  const std::string function = config_.activation();
  at::Tensor inner = forward.linear(*feed_forward.in, x);
  if (feed_forward.gate == nullptr) {
    inner = activation(inner, function);
  } else {
    const at::Tensor gate = forward.linear(*feed_forward.gate, x);
    inner = function == "silu" ? swiglu(gate, inner) : activation(gate, function) * inner;
  }
  return forward.linear(*feed_forward.out, inner);
}

at::Tensor T5::run(Forward& forward, const Block& block, const at::Tensor& x, const DistanceBias& bias,
                   const at::Tensor& encoded) const {
  const at::Tensor read = norm(forward, *block.self.norm, x, forward.operand_type());
  at::Tensor added = forward.residual(*block.self.after, {x, read, attend(forward, block.self, read, bias)});
  at::Tensor stream = x;
  if (block.cross.site != nullptr) {
    const SumAndNorm next = add_and_norm(forward, *block.cross.norm, stream, added);
    stream = next.sum;
    added = forward.residual(
        *block.cross.after, {stream, next.normed, attend_across(forward, block.cross, next.normed, encoded)});
  }
  const SumAndNorm last = add_and_norm(forward, *block.feed_forward.norm, stream, added);
  return last.sum + forward.residual(*block.feed_forward.after,
                                     {last.sum, last.normed, feed(forward, block.feed_forward, last.normed)});
}

at::Tensor T5::encode(Forward& forward) const {
  at::Tensor x = forward.embed(*tokens_);
  const DistanceBias bias =
      distance_bias(encoder_.buckets, forward.parameter(*encoder_.distances), forward.longest_reach());
  for (const Block& block : encoder_.blocks) {
    x = forward.block(x, {bias.values},
                      [this, &block, lowest = bias.lowest](Forward& current, const at::Tensor& input,
                                                           const std::vector<at::Tensor>& more) {
                        return run(current, block, input, {.values = more[0], .lowest = lowest}, {});
                      });
  }
  return norm(forward, *encoder_.final_norm, x, x.scalar_type());
}

at::Tensor T5::hidden(Forward& forward) {
  const at::Tensor encoded = forward.encoder() == nullptr ? at::Tensor() : encode(*forward.encoder());
  at::Tensor x = forward.embed(*tokens_);
  const DistanceBias bias =
      distance_bias(decoder_.buckets, forward.parameter(*decoder_.distances), forward.longest_reach());
  for (const Block& block : decoder_.blocks) {
    x = forward.block(x, {bias.values, encoded},
                      [this, &block, lowest = bias.lowest](Forward& current, const at::Tensor& input,
                                                           const std::vector<at::Tensor>& more) {
                        return run(current, block, input, {.values = more[0], .lowest = lowest}, more[1]);
                      });
  }
  x = norm(forward, *decoder_.final_norm, x, x.scalar_type());
  return config_.scales() ? x / std::sqrt(static_cast<double>(config_.d_model)) : x;
}

}  // namespace peft::t5
