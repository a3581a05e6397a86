// What model families have in common when they build themselves: sites out of base tensors.
#pragma once

#include <cstdint>
#include <string>

#include "peft/model.h"
#include "peft/sites.h"

namespace peft {

// The names of a block's sites begin with it: "h.3", "encoder.0".
struct BlockName {
  std::string name;
  int64_t layer = 0;  // counted within its stack
};

// The parameters of a norm that shifts what it has scaled.
struct NormSites {
  ParameterSite* weight = nullptr;
  ParameterSite* bias = nullptr;
};

// Adds sites in the order of the calls, which is to be the forward order. A module's parameters are its
// tensors MODULE.weight and MODULE.bias, `hf_module` being its name in Hugging Face's layout. What is
// returned belongs to the sites. Throws `std::out_of_range` for a tensor that is not there.
class SiteBuilder {
 public:
  // Both must outlive this.
  SiteBuilder(Sites& sites, const BaseTensors& tensors) : sites_(sites), tensors_(tensors) {}

  ParameterSite* parameter(const std::string& name, ParameterRole role);
  // `parameter`, or null where there is no such tensor.
  ParameterSite* parameter_if_there(const std::string& name, ParameterRole role);
  NormSites norm(const std::string& hf_module);
  // The token embeddings, called as the last part of the module's name.
  EmbeddingSite* tokens(const std::string& hf_module);
  // BLOCK.ROLE, with a bias where the tensors have one.
  LinearSite* linear(const BlockName& block, const std::string& role, const std::string& hf_module,
                     WeightLayout layout = WeightLayout::out_in);
  // BLOCK.SUBLAYER.residual
  ResidualSite* residual(const BlockName& block, const std::string& sublayer, ResidualPlace place,
                         int64_t size);
  // The vocabulary projection `lm_head`: of a weight that it shares with the embeddings, or its own.
  LinearSite* language_head(ParameterSite* weight);
  // A layer of a head, with the base's tensors where it has them: all or none, else `peft::Error`.
  HeadLayer head_layer(HeadLayer description);

 private:
  Sites& sites_;
  const BaseTensors& tensors_;
};

}  // namespace peft
