// Low-rank adaptation (Hu et al. 2021, arXiv:2106.09685): y = base(x) + s · B A dropout(x), A [rank, in], B
// [out, rank]; and its variants: rsLoRA, DoRA, PiSSA, OLoRA, LoRA+, token embeddings, biases.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "biases.h"
#include "lora_options.h"
#include "low_rank.h"
#include "peft/method.h"
#include "peft/peft_format.h"
#include "peft/peft_import.h"
#include "target_values.h"

namespace peft::lora {

// The update of one target: a linear site or a slice of one, or token embeddings.
struct Update {
  std::string name;                    // the target's: "h.3.attn.q", "wte"
  LinearTarget linear;                 // its site is null where token embeddings are the target
  EmbeddingSite* embedding = nullptr;  // null elsewhere
  int64_t rank = 0;
  double alpha = 0.0;
  LowRank low_rank;

  const std::string& hf_module() const {
    return embedding != nullptr ? embedding->hf_module : linear.site->hf_module;
  }
  // The base's weight as [out, in], with nothing attached; of embeddings [d, vocabulary].
  at::Tensor weight() const;
};

class LoraMethod : public Method, public PeftFormat, public PeftImport {
 public:
  explicit LoraMethod(LoraOptions options) : options_(std::move(options)) {}

  void attach(Attacher& attacher) override;
  void* query(std::string_view wanted) noexcept override;

  bool reads(const std::string& peft_type) const override { return peft_type == "LORA"; }
  PeftFolder to_peft(const Model& model, const MethodInstance& instance) const override;
  void from_peft(const PeftFolder& folder, const Model& model, MethodInstance& instance) const override;
  Value options_of(const PeftFolder& folder, const Model& model) const override;

 private:
  // Rank, alpha and scale of an update of a weight [out, in], its tensors yet to come.
  Update sized(const std::string& name, const std::string& role, int64_t in, int64_t out);
  void update_linear(Attacher& attacher, const LinearTarget& target);
  void update_embedding(Attacher& attacher, EmbeddingSite& site);
  // DoRA's magnitudes, where it is asked for: as long as the rows are.
  void add_magnitude(Attacher& attacher, Update& update) const;

  // The updates of one module of Hugging Face's: the whole of it, or slices.
  std::vector<std::vector<const Update*>> by_module() const;
  // A trained bias by its name in a folder.
  std::string bias_name(const TrainedBias& bias) const;

  LoraOptions options_;
  TargetValues ranks_{"rank", TargetValues::Kind::whole, static_cast<double>(options_.rank),
                      options_.rank_pattern};
  TargetValues alphas_{"alpha", TargetValues::Kind::any, options_.alpha, options_.alpha_pattern};
  std::vector<Update> updates_;
  std::vector<TrainedBias> biases_;
};

}  // namespace peft::lora
