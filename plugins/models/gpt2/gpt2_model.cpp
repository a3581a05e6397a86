#include "gpt2_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/relu.h>

#include "peft/ops.h"

namespace peft::gpt2 {
namespace {

at::Tensor activate(const at::Tensor& x, const std::string& function) {
  if (function == "relu") return at::relu(x);
  return function == "gelu" ? at::gelu(x) : gelu_tanh(x);
}

}  // namespace

Gpt2::Gpt2(const Config& config, const BaseTensors& tensors) : Model(model_info(config)), config_(config) {
  ParameterSite* embedding = add_parameter("transformer.wte.weight", ParameterRole::embedding, tensors);
  positions_ = add_parameter("transformer.wpe.weight", ParameterRole::embedding, tensors);
  tokens_ = &sites_.embeddings.emplace_back(EmbeddingSite{.name = "wte",
                                                          .role = "embed.tokens",
                                                          .hf_module = "transformer.wte",
                                                          .size = config.n_embd,
                                                          .weight = embedding,
                                                          .attachments = {}});
  for (int64_t layer = 0; layer < config.n_layer; ++layer) blocks_.push_back(add_block(layer, tensors));
  final_norm_ = add_norm("transformer.ln_f", tensors);
  LinearSite& head = sites_.linears.emplace_back();
  head.name = "lm_head";
  head.role = "head";
  head.hf_module = "lm_head";
  head.in = config.n_embd;
  head.out = config.vocab_size;
  head.weight = config.tie_word_embeddings ? embedding
                                           : add_parameter("lm_head.weight", ParameterRole::weight, tensors);
  ParameterSite* score = nullptr;
  if (tensors.contains("score.weight")) score = add_parameter("score.weight", ParameterRole::weight, tensors);
  sites_.heads.emplace_back(HeadSite{.name = "score",
                                     .size = config.n_embd,
                                     .pooling = Pooling::last_token,
                                     .layers = {{.name = "score", .has_bias = false, .weight = score}},
                                     .initializer_range = config.initializer_range,
                                     .hf_architecture = "GPT2ForSequenceClassification",
                                     .attachments = {}});
}

ParameterSite* Gpt2::add_parameter(const std::string& name, ParameterRole role, const BaseTensors& tensors) {
  return &sites_.parameters.emplace_back(
      ParameterSite{.name = name, .tensor = tensors.at(name), .role = role, .attachments = {}});
}

Gpt2::Norm Gpt2::add_norm(const std::string& name, const BaseTensors& tensors) {
  return {.weight = add_parameter(name + ".weight", ParameterRole::norm, tensors),
          .bias = add_parameter(name + ".bias", ParameterRole::bias, tensors)};
}

LinearSite* Gpt2::add_linear(const std::string& hf_module, std::string name, std::string role, int64_t layer,
                             const BaseTensors& tensors) {
  LinearSite& site = sites_.linears.emplace_back();
  site.name = std::move(name);
  site.role = std::move(role);
  site.hf_module = hf_module;
  site.layer = layer;
  site.layout = WeightLayout::in_out;
  site.weight = add_parameter(hf_module + ".weight", ParameterRole::weight, tensors);
  site.bias = add_parameter(hf_module + ".bias", ParameterRole::bias, tensors);
  site.in = site.weight->tensor.size(0);
  site.out = site.weight->tensor.size(1);
  return &site;
}

Gpt2::Block Gpt2::add_block(int64_t layer, const BaseTensors& tensors) {
  const std::string name = "h." + std::to_string(layer);
  const std::string module = "transformer." + name;
  const int64_t d = config_.n_embd;
  Block block{};
  block.before_attention = add_norm(module + ".ln_1", tensors);
  block.qkv = add_linear(module + ".attn.c_attn", name + ".attn.qkv", "attn.qkv", layer, tensors);
  block.qkv->parts = {{"attn.q", 0, d}, {"attn.k", d, d}, {"attn.v", 2 * d, d}};
  block.attention = &sites_.attentions.emplace_back(AttentionSite{.name = name + ".attn",
                                                                  .kind = AttentionKind::self,
                                                                  .layer = layer,
                                                                  .heads = config_.n_head,
                                                                  .key_value_heads = config_.n_head,
                                                                  .head_size = config_.head_size(),
                                                                  .causal = true,
                                                                  .attachments = {}});
  block.attention_out = add_linear(module + ".attn.c_proj", name + ".attn.out", "attn.out", layer, tensors);
  block.after_attention = &sites_.residuals.emplace_back(ResidualSite{.name = name + ".attn.residual",
                                                                      .place = ResidualPlace::after_attention,
                                                                      .layer = layer,
                                                                      .size = d,
                                                                      .attachments = {}});
  block.before_mlp = add_norm(module + ".ln_2", tensors);
  block.mlp_in = add_linear(module + ".mlp.c_fc", name + ".mlp.in", "mlp.in", layer, tensors);
  block.mlp_out = add_linear(module + ".mlp.c_proj", name + ".mlp.out", "mlp.out", layer, tensors);
  block.after_mlp = &sites_.residuals.emplace_back(ResidualSite{.name = name + ".mlp.residual",
                                                                .place = ResidualPlace::after_feed_forward,
                                                                .layer = layer,
                                                                .size = d,
                                                                .attachments = {}});
  return block;
}

at::Tensor Gpt2::norm(const Forward& forward, const Norm& norm, const at::Tensor& x,
                      at::ScalarType type) const {
  return layer_norm(x, forward.parameter(*norm.weight), forward.parameter(*norm.bias),
                    config_.layer_norm_epsilon, type);
}

at::Tensor Gpt2::attend(Forward& forward, const Block& block, const at::Tensor& x) const {
  const QueriesKeysValues heads =
      split_heads(forward.linear(*block.qkv, x), config_.n_head, config_.n_head, config_.head_size());
  return forward.linear(*block.attention_out, forward.attention(*block.attention, heads.q, heads.k, heads.v));
}

at::Tensor Gpt2::feed_forward(Forward& forward, const Block& block, const at::Tensor& x) const {
  return forward.linear(*block.mlp_out,
                        activate(forward.linear(*block.mlp_in, x), config_.activation_function));
}

at::Tensor Gpt2::run(Forward& forward, const Block& block, at::Tensor x) const {
  const at::ScalarType type = forward.operand_type();
  const at::Tensor normed = norm(forward, block.before_attention, x, type);
  const at::Tensor attended =
      forward.residual(*block.after_attention, {x, normed, attend(forward, block, normed)});
  const SumAndNorm next =
      add_layer_norm(x, attended, forward.parameter(*block.before_mlp.weight),
                     forward.parameter(*block.before_mlp.bias), config_.layer_norm_epsilon, type);
  return next.sum + forward.residual(*block.after_mlp,
                                     {next.sum, next.normed, feed_forward(forward, block, next.normed)});
}

at::Tensor Gpt2::hidden(Forward& forward) {
  at::Tensor x = forward.embed(*tokens_);  // [N', d]
  x = x + at::embedding(forward.parameter(*positions_), forward.positions()).to(x.scalar_type());
  for (const Block& block : blocks_) {
    x = forward.block(
        x, [this, &block](Forward& current, const at::Tensor& input) { return run(current, block, input); });
  }
  return norm(forward, final_norm_, x, x.scalar_type());
}

}  // namespace peft::gpt2
