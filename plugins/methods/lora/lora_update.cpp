#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>

#include <utility>

#include "linear_update.h"
#include "peft/forward.h"

namespace peft::lora {
namespace {

class LoraUpdate : public LinearAttachment {
 public:
  explicit LoraUpdate(LowRankDelta delta) : delta_(std::move(delta)) {}

  at::Tensor output(const LinearCall& call, const at::Tensor& x, const at::Tensor& y) const override {
    const at::Tensor dropped = call.forward.dropout(x, delta_.dropout, delta_.stream, call.rows);
    return at::addmm(y, dropped.matmul(delta_.a.t()), delta_.b.t(), 1.0, delta_.scale);
  }

  bool fold(const LinearSite&, at::Tensor& weight, at::Tensor&) const override {
    // Added in the wider of the two types, rounded to the weight's own once.
    weight = weight.add(delta_.b.matmul(delta_.a), delta_.scale).to(weight.scalar_type());
    return true;
  }

  void* query(std::string_view wanted) noexcept override {
    return wanted == LowRankDelta::id ? &delta_ : nullptr;
  }

 private:
  LowRankDelta delta_;
};

}  // namespace

std::unique_ptr<LinearAttachment> lora_update(LowRankDelta delta) {
  return std::make_unique<LoraUpdate>(std::move(delta));
}

}  // namespace peft::lora
