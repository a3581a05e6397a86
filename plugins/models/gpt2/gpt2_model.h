// GPT-2 (Radford et al. 2019), as Hugging Face's GPT2LMHeadModel computes it: pre-norm blocks, one fused
// projection for queries, keys and values, weights stored [in, out].
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "gpt2_config.h"
#include "peft/model.h"
#include "peft/site_builder.h"

namespace peft::gpt2 {

class Gpt2 : public Model {
 public:
  Gpt2(const Config& config, const BaseTensors& tensors);

  at::Tensor hidden(Forward& forward) override;

 private:
  struct Block {
    NormSites before_attention;
    LinearSite* qkv;
    AttentionSite* attention;
    LinearSite* attention_out;
    ResidualSite* after_attention;
    NormSites before_mlp;
    LinearSite* mlp_in;
    LinearSite* mlp_out;
    ResidualSite* after_mlp;
  };

  Block add_block(int64_t layer, SiteBuilder& build);

  at::Tensor norm(const Forward& forward, const NormSites& norm, const at::Tensor& x,
                  at::ScalarType type) const;
  at::Tensor attend(Forward& forward, const Block& block, const at::Tensor& x) const;
  at::Tensor feed_forward(Forward& forward, const Block& block, const at::Tensor& x) const;
  at::Tensor run(Forward& forward, const Block& block, at::Tensor x) const;

  Config config_;
  EmbeddingSite* tokens_ = nullptr;
  ParameterSite* positions_ = nullptr;
  std::vector<Block> blocks_;
  NormSites final_norm_;
};

}  // namespace peft::gpt2
