// BERT (Devlin et al. 2019, arXiv:1810.04805), as Hugging Face's BertModel computes it: an encoder whose
// norms stand after each sum, with positions and segments from tables.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "bert_config.h"
#include "peft/model.h"

namespace peft::bert {

class Bert : public Model {
 public:
  Bert(const Config& config, const BaseTensors& tensors);

  at::Tensor hidden(Forward& forward) override;

 private:
  struct Norm {
    ParameterSite* weight;
    ParameterSite* bias;
  };
  struct Block {
    LinearSite* q;
    LinearSite* k;
    LinearSite* v;
    AttentionSite* attention;
    LinearSite* attention_out;
    ResidualSite* attention_residual;
    Norm after_attention;
    LinearSite* mlp_in;
    LinearSite* mlp_out;
    ResidualSite* mlp_residual;
    Norm after_mlp;
  };

  ParameterSite* add_parameter(const std::string& name, ParameterRole role, const BaseTensors& tensors);
  Norm add_norm(const std::string& name, const BaseTensors& tensors);
  LinearSite* add_linear(const std::string& hf_module, int64_t layer, const std::string& role,
                         const BaseTensors& tensors);
  ResidualSite* add_residual(int64_t layer, const std::string& sublayer, ResidualPlace place);
  Block add_block(int64_t layer, const BaseTensors& tensors);
  void add_head(const BaseTensors& tensors);

  at::Tensor attend(Forward& forward, const Block& block, const at::Tensor& x) const;
  at::Tensor run(Forward& forward, const Block& block, const at::Tensor& x) const;
  // The norm of x plus what its sub-layer made of it.
  at::Tensor add_and_norm(Forward& forward, ResidualSite& site, const Norm& norm, const at::Tensor& x,
                          const at::Tensor& made) const;

  Config config_;
  EmbeddingSite* tokens_ = nullptr;
  ParameterSite* positions_ = nullptr;
  ParameterSite* segments_ = nullptr;
  Norm embeddings_norm_{};
  std::vector<Block> blocks_;
};

}  // namespace peft::bert
