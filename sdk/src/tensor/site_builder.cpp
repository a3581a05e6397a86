#include "peft/site_builder.h"

#include "peft/error.h"

namespace peft {

ParameterSite* SiteBuilder::parameter(const std::string& name, ParameterRole role) {
  return &sites_.parameters.emplace_back(
      ParameterSite{.name = name, .tensor = tensors_.at(name), .role = role, .attachments = {}});
}

ParameterSite* SiteBuilder::parameter_if_there(const std::string& name, ParameterRole role) {
  return tensors_.contains(name) ? parameter(name, role) : nullptr;
}

NormSites SiteBuilder::norm(const std::string& hf_module) {
  return {.weight = parameter(hf_module + ".weight", ParameterRole::norm),
          .bias = parameter(hf_module + ".bias", ParameterRole::bias)};
}

EmbeddingSite* SiteBuilder::tokens(const std::string& hf_module) {
  ParameterSite* weight = parameter(hf_module + ".weight", ParameterRole::embedding);
  return &sites_.embeddings.emplace_back(EmbeddingSite{.name = hf_module.substr(hf_module.rfind('.') + 1),
                                                       .role = "embed.tokens",
                                                       .hf_module = hf_module,
                                                       .size = weight->tensor.size(1),
                                                       .weight = weight,
                                                       .attachments = {}});
}

LinearSite* SiteBuilder::linear(const BlockName& block, const std::string& role, const std::string& hf_module,
                                WeightLayout layout) {
  LinearSite& site = sites_.linears.emplace_back();
  site.name = block.name + "." + role;
  site.role = role;
  site.hf_module = hf_module;
  site.layer = block.layer;
  site.layout = layout;
  site.weight = parameter(hf_module + ".weight", ParameterRole::weight);
  site.bias = parameter_if_there(hf_module + ".bias", ParameterRole::bias);
  site.in = site.weight->tensor.size(layout == WeightLayout::out_in ? 1 : 0);
  site.out = site.weight->tensor.size(layout == WeightLayout::out_in ? 0 : 1);
  return &site;
}

ResidualSite* SiteBuilder::residual(const BlockName& block, const std::string& sublayer, ResidualPlace place,
                                    int64_t size) {
  return &sites_.residuals.emplace_back(ResidualSite{.name = block.name + "." + sublayer + ".residual",
                                                     .place = place,
                                                     .layer = block.layer,
                                                     .size = size,
                                                     .attachments = {}});
}

LinearSite* SiteBuilder::language_head(ParameterSite* weight) {
  LinearSite& site = sites_.linears.emplace_back();
  site.name = site.hf_module = "lm_head";
  site.role = "head";
  site.in = weight->tensor.size(1);
  site.out = weight->tensor.size(0);
  site.weight = weight;
  return &site;
}

HeadLayer SiteBuilder::head_layer(HeadLayer description) {
  const std::string weight = description.name + ".weight";
  const std::string bias = description.name + ".bias";
  if (description.has_bias && tensors_.contains(weight) != tensors_.contains(bias))
    throw Error("found one of " + weight + " and " + bias + ", expected both or none");
  description.weight = parameter_if_there(weight, ParameterRole::weight);
  if (description.has_bias) description.bias = parameter_if_there(bias, ParameterRole::bias);
  return description;
}

}  // namespace peft
