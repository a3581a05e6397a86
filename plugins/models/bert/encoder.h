// BERT (Devlin et al. 2019, arXiv:1810.04805) and DistilBERT (Sanh et al. 2019, arXiv:1910.01108), as Hugging
// Face's BertModel and DistilBertModel compute them: encoders whose norms stand after each sum, with
// positions, and BERT's segments, from tables.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "encoder_description.h"
#include "peft/model.h"
#include "peft/site_builder.h"

namespace peft::bert {

class Encoder : public Model {
 public:
  Encoder(EncoderDescription description, const BaseTensors& tensors);

  at::Tensor hidden(Forward& forward) override;

 private:
  struct Block {
    LinearSite* q;
    LinearSite* k;
    LinearSite* v;
    AttentionSite* attention;
    LinearSite* attention_out;
    ResidualSite* attention_residual;
    NormSites after_attention;
    LinearSite* mlp_in;
    LinearSite* mlp_out;
    ResidualSite* mlp_residual;
    NormSites after_mlp;
  };

  Block add_block(int64_t layer, SiteBuilder& build);

  at::Tensor attend(Forward& forward, const Block& block, const at::Tensor& x) const;
  at::Tensor run(Forward& forward, const Block& block, const at::Tensor& x) const;
  // The norm of x plus what its sub-layer made of it.
  at::Tensor add_and_norm(Forward& forward, ResidualSite& site, const NormSites& norm, const at::Tensor& x,
                          const at::Tensor& made) const;

  EncoderDescription description_;
  EmbeddingSite* tokens_ = nullptr;
  ParameterSite* positions_ = nullptr;
  ParameterSite* segments_ = nullptr;  // null: none
  NormSites embeddings_norm_;
  std::vector<Block> blocks_;
};

}  // namespace peft::bert
