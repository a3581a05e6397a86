#include "llama_model.h"

#include <ATen/TensorOperators.h>

#include <utility>

#include "peft/ops.h"

namespace peft::llama {

Llama::Llama(const Config& config, const BaseTensors& tensors)
    : Model(model_info(config)),
      config_(config),
      frequencies_(rope_frequencies(config.rope, config.head_size())) {
  ParameterSite* embedding = add_parameter("model.embed_tokens.weight", ParameterRole::embedding, tensors);
  tokens_ = &sites_.embeddings.emplace_back(EmbeddingSite{.name = "embed_tokens",
                                                          .role = "embed.tokens",
                                                          .hf_module = "model.embed_tokens",
                                                          .size = config.hidden_size,
                                                          .weight = embedding,
                                                          .attachments = {}});
  for (int64_t layer = 0; layer < config.num_hidden_layers; ++layer)
    blocks_.push_back(add_block(layer, tensors));
  final_norm_ = add_parameter("model.norm.weight", ParameterRole::norm, tensors);
  add_heads(embedding, tensors);
}

ParameterSite* Llama::add_parameter(const std::string& name, ParameterRole role, const BaseTensors& tensors) {
  return &sites_.parameters.emplace_back(
      ParameterSite{.name = name, .tensor = tensors.at(name), .role = role, .attachments = {}});
}

LinearSite* Llama::add_linear(const std::string& hf_module, std::string name, std::string role, int64_t layer,
                              const BaseTensors& tensors) {
  LinearSite& site = sites_.linears.emplace_back();
  site.name = std::move(name);
  site.role = std::move(role);
  site.hf_module = hf_module;
  site.layer = layer;
  site.weight = add_parameter(hf_module + ".weight", ParameterRole::weight, tensors);
  if (tensors.contains(hf_module + ".bias"))
    site.bias = add_parameter(hf_module + ".bias", ParameterRole::bias, tensors);
  site.in = site.weight->tensor.size(1);
  site.out = site.weight->tensor.size(0);
  return &site;
}

ResidualSite* Llama::add_residual(std::string name, ResidualPlace place, int64_t layer) {
  return &sites_.residuals.emplace_back(ResidualSite{.name = std::move(name),
                                                     .place = place,
                                                     .layer = layer,
                                                     .size = config_.hidden_size,
                                                     .attachments = {}});
}

Llama::Block Llama::add_block(int64_t layer, const BaseTensors& tensors) {
  const std::string name = "layers." + std::to_string(layer);
  const std::string module = "model." + name;
  const auto linear = [&](const char* hf_name, const std::string& role) {
    return add_linear(module + hf_name, name + "." + role, role, layer, tensors);
  };
  Block block{};
  block.before_attention = add_parameter(module + ".input_layernorm.weight", ParameterRole::norm, tensors);
  block.q = linear(".self_attn.q_proj", "attn.q");
  block.k = linear(".self_attn.k_proj", "attn.k");
  block.v = linear(".self_attn.v_proj", "attn.v");
  block.attention =
      &sites_.attentions.emplace_back(AttentionSite{.name = name + ".attn",
                                                    .kind = AttentionKind::self,
                                                    .layer = layer,
                                                    .heads = config_.num_attention_heads,
                                                    .key_value_heads = config_.key_value_heads(),
                                                    .head_size = config_.head_size(),
                                                    .causal = true,
                                                    .attachments = {}});
  block.attention_out = linear(".self_attn.o_proj", "attn.out");
  block.after_attention = add_residual(name + ".attn.residual", ResidualPlace::after_attention, layer);
  block.before_mlp = add_parameter(module + ".post_attention_layernorm.weight", ParameterRole::norm, tensors);
  block.mlp_gate = linear(".mlp.gate_proj", "mlp.gate");
  block.mlp_in = linear(".mlp.up_proj", "mlp.in");
  block.mlp_out = linear(".mlp.down_proj", "mlp.out");
  block.after_mlp = add_residual(name + ".mlp.residual", ResidualPlace::after_feed_forward, layer);
  return block;
}

// A file of a classifier may be without the vocabulary's head, and has one of classes.
void Llama::add_heads(ParameterSite* embedding, const BaseTensors& tensors) {
  if (config_.tie_word_embeddings || tensors.contains("lm_head.weight")) {
    LinearSite& head = sites_.linears.emplace_back();
    head.name = "lm_head";
    head.role = "head";
    head.hf_module = "lm_head";
    head.in = config_.hidden_size;
    head.out = config_.vocab_size;
    head.weight = config_.tie_word_embeddings
                      ? embedding
                      : add_parameter("lm_head.weight", ParameterRole::weight, tensors);
  }
  HeadLayer score{.name = "score", .has_bias = false};
  if (tensors.contains("score.weight")) {
    score.weight = add_parameter("score.weight", ParameterRole::weight, tensors);
    score.out = config_.labels;
  }
  sites_.heads.emplace_back(HeadSite{.name = "score",
                                     .size = config_.hidden_size,
                                     .pooling = Pooling::last_token,
                                     .layers = {std::move(score)},
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
