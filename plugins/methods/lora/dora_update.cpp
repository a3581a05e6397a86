// DoRA (Liu et al. 2024, arXiv:2402.09353): the weight's rows are turned by the low-rank update and have the
// length m: W' = m · (W + s B A) / ‖W + s B A‖, m [out], the norm being a constant to the gradient.
//
// In training with dropout, the base's share of the change sees dropout(x) as the update does, which is what
// HF PEFT computes: y + (m/‖·‖ - 1) · W dropout(x) + m/‖·‖ · s B A dropout(x).
#include <ATen/TensorOperators.h>

#include <utility>

#include "linear_update.h"
#include "peft/forward.h"

namespace peft::lora {
namespace {

class DoraUpdate : public LinearAttachment {
 public:
  DoraUpdate(const LinearTarget& target, LowRank low_rank, double dropout, std::string stream)
      : target_(target), low_rank_(std::move(low_rank)), dropout_(dropout), stream_(std::move(stream)) {}

  at::Tensor output(const LinearCall& call, const at::Tensor& x, const at::Tensor& y) const override {
    const bool drops = call.forward.training() && dropout_ > 0.0;
    const at::Tensor seen = call.forward.dropout(x, dropout_, stream_, call.rows);
    const at::Tensor base = !drops && comes_first(call) ? without_bias(call, y) : call.base(seen);
    const at::Tensor ratio = low_rank_.magnitude / norms(call);
    at::Tensor change = product(low_rank_.a, low_rank_.b, seen);
    if (!low_rank_.a0.defined()) return y + (ratio - 1.0) * base + ratio * change;
    // The base stands for W - s B0 A0, which y sees without dropout.
    const at::Tensor taken_out = product(low_rank_.a0, low_rank_.b0, seen);
    const at::Tensor result = y + (ratio - 1.0) * base + ratio * (change - taken_out);
    return drops ? result + (taken_out - product(low_rank_.a0, low_rank_.b0, x)) : result;
  }

  bool fold(const LinearSite& site, at::Tensor& weight, at::Tensor&) const override {
    weight =
        low_rank_.merged(weight, rows_of(overridden(*site.weight), site.layout, target_.begin, target_.size));
    return true;
  }

 private:
  // s · B A x on rows: [M, in] -> [M, size].
  at::Tensor product(const at::Tensor& a, const at::Tensor& b, const at::Tensor& x) const {
    return x.matmul(a.t()).matmul(b.t()) * low_rank_.scale;
  }

  // Once a forward: it reads the whole weight.
  at::Tensor norms(const LinearCall& call) const {
    return call.forward
        .once(this,
              [&]() -> std::vector<at::Tensor> {
                const at::Tensor weight = call.forward.parameter(*call.site.weight);
                return {low_rank_.norms(rows_of(weight, call.site.layout, call.begin, call.size))};
              })
        .front();
  }

  // Whether y is the base's own output yet, so that it need not be computed again.
  bool comes_first(const LinearCall& call) const {
    for (const auto& other : call.site.attachments) {
      if (other.attachment.get() == this) return true;
      const bool apart = other.begin + other.size <= call.begin || call.begin + call.size <= other.begin;
      if (!apart && call.forward.active(other.set)) return false;
    }
    return false;
  }

  static at::Tensor without_bias(const LinearCall& call, const at::Tensor& y) {
    if (call.site.bias == nullptr) return y;
    return y - call.forward.parameter(*call.site.bias).narrow(0, call.begin, call.size);
  }

  LinearTarget target_;
  LowRank low_rank_;
  double dropout_;
  std::string stream_;
};

}  // namespace

std::unique_ptr<LinearAttachment> dora_update(const LinearTarget& target, LowRank low_rank, double dropout,
                                              std::string stream) {
  return std::make_unique<DoraUpdate>(target, std::move(low_rank), dropout, std::move(stream));
}

}  // namespace peft::lora
