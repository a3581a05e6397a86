// Decoders of the Llama kind (Touvron et al. 2023, arXiv:2302.13971), as Hugging Face's LlamaForCausalLM and
// its Mistral and Qwen2 forms compute them: RMS norm in front of each sub-layer, rotary positions, keys and
// values shared by groups of heads, SwiGLU.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "llama_config.h"
#include "peft/model.h"

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

  ParameterSite* add_parameter(const std::string& name, ParameterRole role, const BaseTensors& tensors);
  LinearSite* add_linear(const std::string& hf_module, std::string name, std::string role, int64_t layer,
                         const BaseTensors& tensors);
  ResidualSite* add_residual(std::string name, ResidualPlace place, int64_t layer);
  Block add_block(int64_t layer, const BaseTensors& tensors);
  void add_heads(ParameterSite* embedding, const BaseTensors& tensors);

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
