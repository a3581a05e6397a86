// Decoders of the Llama kind (Touvron et al. 2023, arXiv:2302.13971), as Hugging Face's LlamaForCausalLM and
// its Mistral and Qwen2 forms compute them: RMS norm in front of each sub-layer, rotary positions, keys and
// values shared by groups of heads, SwiGLU.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "llama_config.h"
#include "peft/model.h"
#include "peft/site_builder.h"

namespace peft::llama {

class Llama : public Model {
 public:
  Llama(const Config& config, const BaseTensors& tensors);

  at::Tensor hidden(Forward& forward) override;

 private:
  struct Block {
    ParameterSite* before_attention;
    LinearSite* q;
    LinearSite* k;
    LinearSite* v;
    AttentionSite* attention;
    LinearSite* attention_out;
    ResidualSite* after_attention;
    ParameterSite* before_mlp;
    LinearSite* mlp_gate;
    LinearSite* mlp_in;
    LinearSite* mlp_out;
    ResidualSite* after_mlp;
  };

  Block add_block(int64_t layer, SiteBuilder& build);
  void add_heads(SiteBuilder& build);

  at::Tensor attend(Forward& forward, const Block& block, const at::Tensor& x, const Angles& angles) const;
  at::Tensor feed_forward(Forward& forward, const Block& block, const at::Tensor& x) const;
  at::Tensor run(Forward& forward, const Block& block, const at::Tensor& x, const Angles& angles) const;

  Config config_;
  std::vector<float> frequencies_;
  EmbeddingSite* tokens_ = nullptr;
  std::vector<Block> blocks_;
  ParameterSite* final_norm_ = nullptr;
};

}  // namespace peft::llama
