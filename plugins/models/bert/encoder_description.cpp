#include "encoder_description.h"

#include <algorithm>
#include <utility>

namespace peft::bert {

ModelInfo model_info(const EncoderDescription& encoder) {
  return {.family = encoder.family,
          .kind = ModelKind::encoder,
          .hidden_size = encoder.width,
          .layers = encoder.layers,
          .heads = encoder.heads,
          .key_value_heads = encoder.heads,
          .head_size = encoder.head_size(),
          .vocabulary = encoder.vocabulary,
          .max_positions = encoder.positions,
          .end_of_text = {},
          .decoder_start = {}};
}

std::vector<ParameterSpec> parameters(const EncoderDescription& encoder, int64_t labels) {
  const int64_t d = encoder.width;
  const BaseInit drawn{BaseInit::Kind::normal, encoder.initializer_range};
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
    add(encoder.embeddings(name) + ".weight", {rows, d}, ParameterRole::embedding, drawn);
  };
  const auto norm = [&](const std::string& name) {
    add(name + ".weight", {d}, ParameterRole::norm, {BaseInit::Kind::ones, 0.0});
    add(name + ".bias", {d}, ParameterRole::bias, zeros);
  };
  const auto linear = [&](const std::string& name, int64_t in, int64_t out, bool optional = false) {
    add(name + ".weight", {out, in}, ParameterRole::weight, drawn, optional);
    add(name + ".bias", {out}, ParameterRole::bias, zeros, optional);
  };
  table("word_embeddings", encoder.vocabulary);
  table("position_embeddings", encoder.positions);
  if (encoder.segments > 0) table("token_type_embeddings", encoder.segments);
  norm(encoder.embeddings("LayerNorm"));
  for (int64_t layer = 0; layer < encoder.layers; ++layer) {
    const std::string block = encoder.block(layer);
    const BlockModules& modules = encoder.modules;
    for (const std::string& name : {modules.q, modules.k, modules.v, modules.attention_out})
      linear(block + name, d, d);
    norm(block + modules.attention_norm);
    linear(block + modules.mlp_in, d, encoder.inner);
    linear(block + modules.mlp_out, encoder.inner, d);
    norm(block + modules.mlp_norm);
  }
  linear(encoder.head, d, d, /*optional=*/true);
  linear("classifier", d, labels, /*optional=*/true);
  return specs;
}

std::optional<std::string> canonical_name(const EncoderDescription& encoder, std::string_view found) {
  const auto begins = [&](std::string_view stem) { return found.starts_with(stem); };
  if (std::ranges::any_of(encoder.leftovers, begins)) return std::nullopt;
  if (found.ends_with("embeddings.position_ids")) return std::nullopt;
  const std::string stack = encoder.blocks.substr(0, encoder.blocks.find('.') + 1);
  const bool bare = begins("embeddings.") || begins(stack) || begins("pooler.");
  std::string name = (bare ? encoder.model + "." : "") + std::string(found);
  for (const auto& [old, now] : {std::pair(".gamma", ".weight"), std::pair(".beta", ".bias")}) {
    if (name.ends_with(old)) name.replace(name.rfind('.'), std::string::npos, now);
  }
  return name;
}

}  // namespace peft::bert
