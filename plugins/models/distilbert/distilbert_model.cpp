#include "distilbert_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/embedding.h>

#include "peft/error.h"
#include "peft/ops.h"

namespace peft::distilbert {

DistilBert::DistilBert(const Config& config, const BaseTensors& tensors)
    : Model(model_info(config)), config_(config) {
  const std::string embeddings = "distilbert.embeddings.";
  ParameterSite* words =
      add_parameter(embeddings + "word_embeddings.weight", ParameterRole::embedding, tensors);
  positions_ = add_parameter(embeddings + "position_embeddings.weight", ParameterRole::embedding, tensors);
  tokens_ = &sites_.embeddings.emplace_back(EmbeddingSite{.name = "word_embeddings",
                                                          .role = "embed.tokens",
                                                          .hf_module = embeddings + "word_embeddings",
                                                          .size = config.dim,
                                                          .weight = words,
                                                          .attachments = {}});
  embeddings_norm_ = add_norm(embeddings + "LayerNorm", tensors);
  for (int64_t layer = 0; layer < config.n_layers; ++layer) blocks_.push_back(add_block(layer, tensors));
  add_head(tensors);
}

ParameterSite* DistilBert::add_parameter(const std::string& name, ParameterRole role,
                                         const BaseTensors& tensors) {
  return &sites_.parameters.emplace_back(
      ParameterSite{.name = name, .tensor = tensors.at(name), .role = role, .attachments = {}});
}

DistilBert::Norm DistilBert::add_norm(const std::string& name, const BaseTensors& tensors) {
  return {.weight = add_parameter(name + ".weight", ParameterRole::norm, tensors),
          .bias = add_parameter(name + ".bias", ParameterRole::bias, tensors)};
}

LinearSite* DistilBert::add_linear(const std::string& hf_module, int64_t layer, const std::string& role,
                                   const BaseTensors& tensors) {
  LinearSite& site = sites_.linears.emplace_back();
  site.name = "layer." + std::to_string(layer) + "." + role;
  site.role = role;
  site.hf_module = hf_module;
  site.layer = layer;
  site.weight = add_parameter(hf_module + ".weight", ParameterRole::weight, tensors);
  site.bias = add_parameter(hf_module + ".bias", ParameterRole::bias, tensors);
  site.out = site.weight->tensor.size(0);
  site.in = site.weight->tensor.size(1);
  return &site;
}

ResidualSite* DistilBert::add_residual(int64_t layer, const std::string& sublayer, ResidualPlace place) {
  return &sites_.residuals.emplace_back(
      ResidualSite{.name = "layer." + std::to_string(layer) + "." + sublayer + ".residual",
                   .place = place,
                   .layer = layer,
                   .size = config_.dim,
                   .attachments = {}});
}

DistilBert::Block DistilBert::add_block(int64_t layer, const BaseTensors& tensors) {
  const std::string module = "distilbert.transformer.layer." + std::to_string(layer);
  Block block{};
  block.q = add_linear(module + ".attention.q_lin", layer, "attn.q", tensors);
  block.k = add_linear(module + ".attention.k_lin", layer, "attn.k", tensors);
  block.v = add_linear(module + ".attention.v_lin", layer, "attn.v", tensors);
  block.attention =
      &sites_.attentions.emplace_back(AttentionSite{.name = "layer." + std::to_string(layer) + ".attn",
                                                    .kind = AttentionKind::self,
                                                    .layer = layer,
                                                    .heads = config_.n_heads,
                                                    .key_value_heads = config_.n_heads,
                                                    .head_size = config_.head_size(),
                                                    .causal = false,
                                                    .attachments = {}});
  block.attention_out = add_linear(module + ".attention.out_lin", layer, "attn.out", tensors);
  block.attention_residual = add_residual(layer, "attn", ResidualPlace::after_attention);
  block.after_attention = add_norm(module + ".sa_layer_norm", tensors);
  block.mlp_in = add_linear(module + ".ffn.lin1", layer, "mlp.in", tensors);
  block.mlp_out = add_linear(module + ".ffn.lin2", layer, "mlp.out", tensors);
  block.mlp_residual = add_residual(layer, "mlp", ResidualPlace::after_feed_forward);
  block.after_mlp = add_norm(module + ".output_layer_norm", tensors);
  return block;
}

void DistilBert::add_head(const BaseTensors& tensors) {
  const auto make_layer = [&](const std::string& name, int64_t out, const std::string& activation) {
    HeadLayer layer{.name = name, .out = out, .activation = activation};
    const bool is_whole = tensors.contains(name + ".weight") == tensors.contains(name + ".bias");
    if (!is_whole)
      throw Error("found one of " + name + ".weight and " + name + ".bias, expected both or none");
    if (tensors.contains(name + ".weight")) {
      layer.weight = add_parameter(name + ".weight", ParameterRole::weight, tensors);
      layer.bias = add_parameter(name + ".bias", ParameterRole::bias, tensors);
    }
    return layer;
  };
  sites_.heads.emplace_back(
      HeadSite{.name = "classifier",
               .size = config_.dim,
               .pooling = Pooling::first_token,
               .layers = {make_layer("pre_classifier", config_.dim, "relu"), make_layer("classifier", 0, "")},
               .initializer_range = config_.initializer_range,
               .hf_architecture = "DistilBertForSequenceClassification",
               .attachments = {}});
}

at::Tensor DistilBert::attend(Forward& forward, const Block& block, const at::Tensor& x) const {
  const auto heads = [&](LinearSite& site) {
    return forward.linear(site, x).view({-1, config_.n_heads, config_.head_size()});
  };
  return forward.linear(*block.attention_out, forward.attention(*block.attention, heads(*block.q),
                                                                heads(*block.k), heads(*block.v)));
}

at::Tensor DistilBert::add_and_norm(Forward& forward, ResidualSite& site, const Norm& norm,
                                    const at::Tensor& x, const at::Tensor& made) const {
  return add_layer_norm(x, forward.residual(site, {x, x, made}), forward.parameter(*norm.weight),
                        forward.parameter(*norm.bias), norm_epsilon, x.scalar_type())
      .normed;
}

at::Tensor DistilBert::run(Forward& forward, const Block& block, const at::Tensor& x) const {
  const at::ScalarType type = forward.operand_type();
  const at::Tensor attended = add_and_norm(forward, *block.attention_residual, block.after_attention, x,
                                           attend(forward, block, x.to(type)));
  const at::Tensor inner = activation(forward.linear(*block.mlp_in, attended.to(type)), config_.activation);
  return add_and_norm(forward, *block.mlp_residual, block.after_mlp, attended,
                      forward.linear(*block.mlp_out, inner));
}

at::Tensor DistilBert::hidden(Forward& forward) {
  at::Tensor x = forward.embed(*tokens_);  // [N', d]
  const at::Tensor positions = at::embedding(forward.parameter(*positions_), forward.positions());
  x = x + positions.to(x.scalar_type());
  x = layer_norm(x, forward.parameter(*embeddings_norm_.weight), forward.parameter(*embeddings_norm_.bias),
                 norm_epsilon, x.scalar_type());
  for (const Block& block : blocks_) {
    x = forward.block(
        x, [this, &block](Forward& current, const at::Tensor& input) { return run(current, block, input); });
  }
  return x;
}

}  // namespace peft::distilbert
