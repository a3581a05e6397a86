// T5 1.0 and 1.1 (Raffel et al. 2020, arXiv:1910.10683), as Hugging Face's T5ForConditionalGeneration
// computes it: pre-norm blocks with RMS norms, no biases, scores that are not scaled and have a bias by
// distance which the first block of each side holds for all.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "peft/model.h"
#include "peft/ops.h"
#include "peft/site_builder.h"
#include "relative_distance.h"
#include "t5_config.h"

namespace peft::t5 {

class T5 : public Model {
 public:
  T5(const Config& config, const BaseTensors& tensors);

  at::Tensor hidden(Forward& forward) override;

 private:
  struct Attention {
    ParameterSite* norm;
    LinearSite* q;
    LinearSite* k;
    LinearSite* v;
    AttentionSite* site;
    LinearSite* out;
    ResidualSite* after;
  };
  struct FeedForward {
    ParameterSite* norm;
    LinearSite* gate;  // null where there is none
    LinearSite* in;
    LinearSite* out;
    ResidualSite* after;
  };
  struct Block {
    Attention self;
    Attention cross;  // of a decoder
    FeedForward feed_forward;
  };
  struct Stack {
    Buckets buckets;
    ParameterSite* distances = nullptr;
    std::vector<Block> blocks;
    ParameterSite* final_norm = nullptr;
  };

  struct StackBuilder;

  at::Tensor encode(Forward& forward) const;
  // The heads' queries, keys or values of a projection.
  at::Tensor heads(const at::Tensor& y) const;
  at::Tensor attend(Forward& forward, const Attention& attention, const at::Tensor& x,
                    const DistanceBias& bias) const;
  at::Tensor attend_across(Forward& forward, const Attention& attention, const at::Tensor& x,
                           const at::Tensor& encoded) const;
  at::Tensor feed(Forward& forward, const FeedForward& feed_forward, const at::Tensor& x) const;
  at::Tensor run(Forward& forward, const Block& block, const at::Tensor& x, const DistanceBias& bias,
                 const at::Tensor& encoded) const;
  at::Tensor norm(const Forward& forward, const ParameterSite& weight, const at::Tensor& x,
                  at::ScalarType type) const;
  SumAndNorm add_and_norm(const Forward& forward, const ParameterSite& weight, const at::Tensor& x,
                          const at::Tensor& y) const;

  Config config_;
  EmbeddingSite* tokens_ = nullptr;
  Stack encoder_;
  Stack decoder_;
};

}  // namespace peft::t5
