// P-tuning (Liu et al. 2021, arXiv:2103.10385): n learned embeddings in front of each sequence, made by a
// small encoder from a learned input E [n, d], as in Hugging Face PEFT.
//
// mlp: P = (relu(relu(E W₁ᵀ + b₁) W₂ᵀ + b₂)) W₃ᵀ + b₃ with W₁ [h, d], W₂ [h, h], W₃ [d, h]. lstm: a
// bidirectional LSTM over the n positions gives [n, 2h], on which stand W₁ [2h, 2h], relu, W₂ [d, 2h]. none:
// P = E, which is what a PEFT folder holds of either.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "peft/method.h"
#include "peft/options.h"
#include "peft/peft_format.h"
#include "peft/peft_import.h"

namespace peft::p_tuning {

struct PTuningOptions {
  int64_t tokens = 20;
  std::string encoder = "mlp";
  std::optional<int64_t> hidden_size;  // absent: the model's width
  int64_t layers = 2;
  double dropout = 0.0;
};

const Options<PTuningOptions>& p_tuning_options();

class PTuningMethod : public Method, public PeftFormat, public PeftImport {
 public:
  explicit PTuningMethod(PTuningOptions options) : options_(std::move(options)) {}

  void attach(Attacher& attacher) override;
  void* query(std::string_view id) noexcept override;

  bool reads(const std::string& peft_type) const override { return peft_type == "P_TUNING"; }
  PeftFolder to_peft(const Model& model, const MethodInstance& instance) const override;
  void from_peft(const PeftFolder& folder, const Model& model, MethodInstance& instance) const override;
  Value options_of(const PeftFolder& folder, const Model&) const override {
    return Value::Map{{"tokens", virtual_tokens_of(folder.config)}, {"encoder", "none"}};
  }

  // P [n, d], differentiable; with the dropout of `forward`, or as in evaluation where there is none.
  at::Tensor prompt(const Forward* forward) const;

 private:
  struct Linear {
    at::Tensor weight;
    at::Tensor bias;
  };
  int64_t hidden_size(const Attacher& attacher) const;
  void declare_lstm(Attacher& attacher);
  void declare_mlp(Attacher& attacher, const std::vector<int64_t>& widths);

  PTuningOptions options_;
  std::string name_;  // of the instance, for its dropout
  at::Tensor embedding_;
  std::vector<std::vector<at::Tensor>> lstm_;  // a layer: what at::lstm takes, forwards and in reverse
  std::vector<Linear> mlp_;                    // with relu between them
};

}  // namespace peft::p_tuning
