#include "encoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/embedding.h>

#include <utility>

#include "peft/ops.h"

namespace peft::bert {

Encoder::Encoder(EncoderDescription description, const BaseTensors& tensors)
    : Model(model_info(description)), description_(std::move(description)) {
  const auto embeddings = [&](const std::string& module) { return description_.embeddings(module); };
  SiteBuilder build(sites_, tensors);
  tokens_ = build.tokens(embeddings("word_embeddings"));
  positions_ = build.parameter(embeddings("position_embeddings.weight"), ParameterRole::embedding);
  segments_ = build.parameter_if_there(embeddings("token_type_embeddings.weight"), ParameterRole::embedding);
  embeddings_norm_ = build.norm(embeddings("LayerNorm"));
  for (int64_t layer = 0; layer < description_.layers; ++layer) blocks_.push_back(add_block(layer, build));
  sites_.heads.emplace_back(
      HeadSite{.name = "classifier",
               .size = description_.width,
               .pooling = Pooling::first_token,
               .layers = {build.head_layer({.name = description_.head,
                                            .out = description_.width,
                                            .activation = description_.head_activation}),
                          build.head_layer({.name = "classifier"})},
               .initializer_range = description_.initializer_range,
               .hf_architecture = description_.classifier_class,
               .attachments = {}});
}

Encoder::Block Encoder::add_block(int64_t layer, SiteBuilder& build) {
  const BlockName name{.name = "layer." + std::to_string(layer), .layer = layer};
  const std::string in_block = description_.block(layer);
  const BlockModules& modules = description_.modules;
  const auto linear = [&](const std::string& role, const std::string& module) {
    return build.linear(name, role, in_block + module);
  };
  Block block{};
  block.q = linear("attn.q", modules.q);
  block.k = linear("attn.k", modules.k);
  block.v = linear("attn.v", modules.v);
  block.attention = &sites_.attentions.emplace_back(AttentionSite{.name = name.name + ".attn",
                                                                  .kind = AttentionKind::self,
                                                                  .layer = layer,
                                                                  .heads = description_.heads,
                                                                  .key_value_heads = description_.heads,
                                                                  .head_size = description_.head_size(),
                                                                  .causal = false,
                                                                  .attachments = {}});
  block.attention_out = linear("attn.out", modules.attention_out);
  block.attention_residual = build.residual(name, "attn", ResidualPlace::after_attention, description_.width);
  block.after_attention = build.norm(in_block + modules.attention_norm);
  block.mlp_in = linear("mlp.in", modules.mlp_in);
  block.mlp_out = linear("mlp.out", modules.mlp_out);
  block.mlp_residual = build.residual(name, "mlp", ResidualPlace::after_feed_forward, description_.width);
  block.after_mlp = build.norm(in_block + modules.mlp_norm);
  return block;
}

at::Tensor Encoder::attend(Forward& forward, const Block& block, const at::Tensor& x) const {
  const auto heads = [&](LinearSite& site) {
    return forward.linear(site, x).view({-1, description_.heads, description_.head_size()});
  };
  return forward.linear(*block.attention_out, forward.attention(*block.attention, heads(*block.q),
                                                                heads(*block.k), heads(*block.v)));
}

at::Tensor Encoder::add_and_norm(Forward& forward, ResidualSite& site, const NormSites& norm,
                                 const at::Tensor& x, const at::Tensor& made) const {
  return add_layer_norm(x, forward.residual(site, {x, x, made}), forward.parameter(*norm.weight),
                        forward.parameter(*norm.bias), description_.norm_epsilon, x.scalar_type())
      .normed;
}

at::Tensor Encoder::run(Forward& forward, const Block& block, const at::Tensor& x) const {
  const at::ScalarType type = forward.operand_type();
  const at::Tensor attended = add_and_norm(forward, *block.attention_residual, block.after_attention, x,
                                           attend(forward, block, x.to(type)));
  const at::Tensor inner =
      activation(forward.linear(*block.mlp_in, attended.to(type)), description_.activation);
  return add_and_norm(forward, *block.mlp_residual, block.after_mlp, attended,
                      forward.linear(*block.mlp_out, inner));
}

at::Tensor Encoder::hidden(Forward& forward) {
  at::Tensor x = forward.embed(*tokens_);  // [N', d]
  const at::ScalarType type = x.scalar_type();
  if (segments_ != nullptr)
    x = x + forward.parameter(*segments_).select(0, 0).to(type);  // a text is the first
  x = x + at::embedding(forward.parameter(*positions_), forward.positions()).to(type);
  x = layer_norm(x, forward.parameter(*embeddings_norm_.weight), forward.parameter(*embeddings_norm_.bias),
                 description_.norm_epsilon, type);
  for (const Block& block : blocks_) {
    x = forward.block(
        x, [this, &block](Forward& current, const at::Tensor& input) { return run(current, block, input); });
  }
  return x;
}

}  // namespace peft::bert
