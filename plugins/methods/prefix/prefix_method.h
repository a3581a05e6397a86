// Prefix tuning (Li and Liang 2021, arXiv:2101.00190): learned keys and values in front of every layer's own.
//
// Flat: P [n, 2·L·kv] directly. Projected: P = tanh(E W₁ᵀ + b₁) W₂ᵀ + b₂ with E [n, d], W₁ [h, d], W₂
// [2·L·kv, h]. P is read as [n, 2L, key/value heads, head size]; the keys of layer l are slot 2l, its values
// slot 2l + 1, as in Hugging Face PEFT.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "peft/method.h"
#include "peft/options.h"
#include "peft/peft_format.h"
#include "peft/peft_import.h"

namespace peft::prefix {

struct PrefixOptions {
  int64_t tokens = 20;
  bool projection = false;
  std::optional<int64_t> projection_hidden;  // absent: the model's width
  std::string init = "random";
  std::optional<std::string> text;
};

const Options<PrefixOptions>& prefix_options();

class PrefixMethod : public Method, public PeftFormat, public PeftImport {
 public:
  explicit PrefixMethod(PrefixOptions options) : options_(std::move(options)) {}

  void attach(Attacher& attacher) override;
  void* query(std::string_view id) noexcept override;

  bool reads(const std::string& peft_type) const override { return peft_type == "PREFIX_TUNING"; }
  PeftFolder to_peft(const Model& model, const MethodInstance& instance) const override;
  void from_peft(const PeftFolder& folder, const Model& model, MethodInstance& instance) const override;
  Value options_of(const PeftFolder& folder, const Model&) const override {
    return Value::Map{{"tokens", virtual_tokens_of(folder.config)}};
  }

  // P, [n, 2L · key/value width]; differentiable.
  at::Tensor flat() const;

 private:
  Init flat_init(Attacher& attacher) const;
  void declare_projection(Attacher& attacher, int64_t width);

  PrefixOptions options_;
  at::Tensor prefix_;     // flat; undefined where projected
  at::Tensor embedding_;  // of the projection, and its two layers
  at::Tensor weight_in_, bias_in_, weight_out_, bias_out_;
};

}  // namespace peft::prefix
