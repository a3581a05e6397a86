// LayerNorm tuning (Zhao et al. 2023, arXiv:2312.11420): the weights and biases of the base's norms.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "peft/method.h"
#include "peft/options.h"
#include "peft/peft_format.h"
#include "peft/peft_import.h"

namespace peft::norms {

struct NormsOptions {
  std::vector<std::string> targets = {"**"};
};

const Options<NormsOptions>& norms_options();

// The modules with a weight that is a norm's, in forward order.
std::vector<std::string> norms_of(const Sites& sites);

class NormsMethod : public Method, public PeftFormat, public PeftImport {
 public:
  explicit NormsMethod(NormsOptions options) : options_(std::move(options)) {}

  void attach(Attacher& attacher) override;
  void* query(std::string_view wanted) noexcept override;

  bool reads(const std::string& peft_type) const override { return peft_type == "LN_TUNING"; }
  PeftFolder to_peft(const Model& model, const MethodInstance& instance) const override;
  void from_peft(const PeftFolder& folder, const Model& model, MethodInstance& instance) const override;
  Value options_of(const PeftFolder& folder, const Model& model) const override;

 private:
  struct Trained {
    std::string norm;      // the module: "transformer.h.0.ln_1"
    std::string quantity;  // "weight" or "bias"
    at::Tensor tensor;
  };

  NormsOptions options_;
  std::vector<Trained> trained_;
};

}  // namespace peft::norms
