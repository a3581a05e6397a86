// Low-rank adaptation (Hu et al. 2021, arXiv:2106.09685): y = base(x) + s · B A dropout(x), A [rank, in], B
// [out, rank].
#pragma once

#include <string>
#include <vector>

#include "lora_options.h"
#include "peft/method.h"
#include "peft/peft_format.h"

namespace peft::lora {

class LoraMethod : public Method, public PeftFormat {
 public:
  explicit LoraMethod(LoraOptions options) : options_(std::move(options)) {}

  void attach(Attacher& attacher) override;
  void* query(std::string_view wanted) noexcept override;

  bool reads(const std::string& peft_type) const override { return peft_type == "LORA"; }
  PeftFolder to_peft(const Model& model, const MethodInstance& instance) const override;
  void from_peft(const PeftFolder& folder, const Model& model, MethodInstance& instance) const override;

 private:
  // The update of one target.
  struct Update {
    LinearTarget target;
    at::Tensor a;
    at::Tensor b;
  };
  // The updates of one site: the whole of it, or slices.
  std::vector<std::vector<const Update*>> by_site() const;

  LoraOptions options_;
  std::vector<Update> updates_;
};

}  // namespace peft::lora
