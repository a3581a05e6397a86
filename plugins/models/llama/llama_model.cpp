#include "llama_model.h"

#include <ATen/TensorOperators.h>

#include <utility>

#include "peft/ops.h"

namespace peft::llama {

Llama::Llama(const Config& config, const BaseTensors& tensors)
    : Model(model_info(config)),
      config_(config),
      frequencies_(rope_frequencies(config.rope, config.head_size())) {
  SiteBuilder build(sites_, tensors);
  tokens_ = build.tokens("model.embed_tokens");
  for (int64_t layer = 0; layer < config.num_hidden_layers; ++layer)
    blocks_.push_back(add_block(layer, build));
  final_norm_ = build.parameter("model.norm.weight", ParameterRole::norm);
  add_heads(build);
}

Llama::Block Llama::add_block(int64_t layer, SiteBuilder& build) {
  const BlockName name{.name = "layers." + std::to_string(layer), .layer = layer};
  const std::string module = "model." + name.name;
  const auto linear = [&](const std::string& role, const std::string& part) {
    return build.linear(name, role, module + part);
  };
  const auto norm = [&](const std::string& part) {
    return build.parameter(module + part + ".weight", ParameterRole::norm);
  };
  Block block{};
  block.before_attention = norm(".input_layernorm");
  block.q = linear("attn.q", ".self_attn.q_proj");
  block.k = linear("attn.k", ".self_attn.k_proj");
  block.v = linear("attn.v", ".self_attn.v_proj");
  block.attention =
      &sites_.attentions.emplace_back(AttentionSite{.name = name.name + ".attn",
                                                    .kind = AttentionKind::self,
                                                    .layer = layer,
                                                    .heads = config_.num_attention_heads,
                                                    .key_value_heads = config_.key_value_heads(),
                                                    .head_size = config_.head_size(),
                                                    .causal = true,
                                                    .attachments = {}});
  block.attention_out = linear("attn.out", ".self_attn.o_proj");
  block.after_attention = build.residual(name, "attn", ResidualPlace::after_attention, config_.hidden_size);
  block.before_mlp = norm(".post_attention_layernorm");
  block.mlp_gate = linear("mlp.gate", ".mlp.gate_proj");
  block.mlp_in = linear("mlp.in", ".mlp.up_proj");
  block.mlp_out = linear("mlp.out", ".mlp.down_proj");
  block.after_mlp = build.residual(name, "mlp", ResidualPlace::after_feed_forward, config_.hidden_size);
  return block;
}

// A file of a classifier may be without the vocabulary's head, and has one of classes.
void Llama::add_heads(SiteBuilder& build) {
  ParameterSite* vocabulary = config_.tie_word_embeddings
                                  ? tokens_->weight
                                  : build.parameter_if_there("lm_head.weight", ParameterRole::weight);
  if (vocabulary != nullptr) build.language_head(vocabulary);
  sites_.heads.emplace_back(HeadSite{.name = "score",
                                     .size = config_.hidden_size,
                                     .pooling = Pooling::last_token,
                                     .layers = {build.head_layer({.name = "score", .has_bias = false})},
                                     .initializer_range = config_.initializer_range,
                                     .hf_architecture = config_.class_prefix() + "ForSequenceClassification",
                                     .attachments = {}});
}

at::Tensor Llama::attend(Forward& forward, const Block& block, const at::Tensor& x,
                         const Angles& angles) const {
  // In one type, whatever attachments made of them.
  const auto heads = [&](LinearSite& site, int64_t count) {
    return forward.linear(site, x).to(forward.operand_type()).unflatten(1, {count, config_.head_size()});
  };
  const at::Tensor q = rotary(heads(*block.q, config_.num_attention_heads), angles.cosines, angles.sines);
  const at::Tensor k = rotary(heads(*block.k, config_.key_value_heads()), angles.cosines, angles.sines);
  const at::Tensor v = heads(*block.v, config_.key_value_heads());
  return forward.linear(*block.attention_out, forward.attention(*block.attention, q, k, v));
}

at::Tensor Llama::feed_forward(Forward& forward, const Block& block, const at::Tensor& x) const {
  const at::Tensor gate = forward.linear(*block.mlp_gate, x);
  return forward.linear(*block.mlp_out, swiglu(gate, forward.linear(*block.mlp_in, x)));
}

at::Tensor Llama::run(Forward& forward, const Block& block, const at::Tensor& x, const Angles& angles) const {
  const at::ScalarType type = forward.operand_type();
  const at::Tensor normed =
      rms_norm(x, forward.parameter(*block.before_attention), config_.rms_norm_eps, type);
  const at::Tensor attended =
      forward.residual(*block.after_attention, {x, normed, attend(forward, block, normed, angles)});
  const SumAndNorm next =
      add_rms_norm(x, attended, forward.parameter(*block.before_mlp), config_.rms_norm_eps, type);
  return next.sum + forward.residual(*block.after_mlp,
                                     {next.sum, next.normed, feed_forward(forward, block, next.normed)});
}

at::Tensor Llama::hidden(Forward& forward) {
  at::Tensor x = forward.embed(*tokens_);  // [N', d]
  const at::ScalarType type = x.scalar_type();
  const Angles angles = rope_angles(frequencies_, forward.positions(), type);
  for (const Block& block : blocks_) {
    x = forward.block(
        x, {angles.cosines, angles.sines},
        [this, &block](Forward& current, const at::Tensor& input, const std::vector<at::Tensor>& more) {
          return run(current, block, input, {.cosines = more[0], .sines = more[1]});
        });
  }
  return rms_norm(x, forward.parameter(*final_norm_), config_.rms_norm_eps, type);
}

}  // namespace peft::llama
