#include "gpt2_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/embedding.h>

#include "peft/ops.h"

namespace peft::gpt2 {

Gpt2::Gpt2(const Config& config, const BaseTensors& tensors) : Model(model_info(config)), config_(config) {
  SiteBuilder build(sites_, tensors);
  tokens_ = build.tokens("transformer.wte");
  positions_ = build.parameter("transformer.wpe.weight", ParameterRole::embedding);
  for (int64_t layer = 0; layer < config.n_layer; ++layer) blocks_.push_back(add_block(layer, build));
  final_norm_ = build.norm("transformer.ln_f");
  build.language_head(config.tie_word_embeddings ? tokens_->weight
                                                 : build.parameter("lm_head.weight", ParameterRole::weight));
  sites_.heads.emplace_back(HeadSite{.name = "score",
                                     .size = config.n_embd,
                                     .pooling = Pooling::last_token,
                                     .layers = {build.head_layer({.name = "score", .has_bias = false})},
                                     .initializer_range = config.initializer_range,
                                     .hf_architecture = "GPT2ForSequenceClassification",
                                     .attachments = {}});
}

Gpt2::Block Gpt2::add_block(int64_t layer, SiteBuilder& build) {
  const BlockName name{.name = "h." + std::to_string(layer), .layer = layer};
  const std::string module = "transformer." + name.name;
  const int64_t d = config_.n_embd;
  const auto linear = [&](const std::string& role, const std::string& part) {
    return build.linear(name, role, module + part, WeightLayout::in_out);
  };
  Block block{};
  block.before_attention = build.norm(module + ".ln_1");
  block.qkv = linear("attn.qkv", ".attn.c_attn");
  block.qkv->parts = {{"attn.q", 0, d}, {"attn.k", d, d}, {"attn.v", 2 * d, d}};
  block.attention = &sites_.attentions.emplace_back(AttentionSite{.name = name.name + ".attn",
                                                                  .kind = AttentionKind::self,
                                                                  .layer = layer,
                                                                  .heads = config_.n_head,
                                                                  .key_value_heads = config_.n_head,
                                                                  .head_size = config_.head_size(),
                                                                  .causal = true,
                                                                  .attachments = {}});
  block.attention_out = linear("attn.out", ".attn.c_proj");
  block.after_attention = build.residual(name, "attn", ResidualPlace::after_attention, d);
  block.before_mlp = build.norm(module + ".ln_2");
  block.mlp_in = linear("mlp.in", ".mlp.c_fc");
  block.mlp_out = linear("mlp.out", ".mlp.c_proj");
  block.after_mlp = build.residual(name, "mlp", ResidualPlace::after_feed_forward, d);
  return block;
}

at::Tensor Gpt2::norm(const Forward& forward, const NormSites& norm, const at::Tensor& x,
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
                        activation(forward.linear(*block.mlp_in, x), config_.activation_function));
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
