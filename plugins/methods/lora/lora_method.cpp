#include "lora_method.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>

#include <algorithm>
#include <utility>

#include "peft/error.h"

namespace peft::lora {
namespace {

class LoraAttachment : public LinearAttachment {
 public:
  explicit LoraAttachment(LowRankDelta delta) : delta_(std::move(delta)) {}

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

void LoraMethod::attach(Attacher& attacher) {
  const Init init_a = options_.init == "gaussian" ? init::normal(1.0 / static_cast<double>(options_.rank))
                                                  : init::kaiming_uniform();
  for (const LinearTarget& target : attacher.sites().linear_targets(options_.targets)) {
    const int64_t widest = std::min(target.site->in, target.size);
    if (options_.rank > widest) {
      throw UsageError("'rank' is " + std::to_string(options_.rank) + ", but '" + target.name + "' is " +
                       std::to_string(target.site->in) + " -> " + std::to_string(target.size) +
                       " wide; set it to at most " + std::to_string(widest));
    }
    Update update{.target = target,
                  .a = attacher.tensor(target.name + ".A", {options_.rank, target.site->in}, init_a),
                  .b = attacher.tensor(target.name + ".B", {target.size, options_.rank}, init::zeros())};
    LowRankDelta delta{.a = update.a,
                       .b = update.b,
                       .scale = options_.scale(),
                       .dropout = options_.dropout,
                       .stream = attacher.name() + "/" + target.name};
    attacher.attach(target, std::make_unique<LoraAttachment>(std::move(delta)));
    updates_.push_back(std::move(update));
  }
}

void* LoraMethod::query(std::string_view wanted) noexcept {
  return wanted == PeftFormat::id ? static_cast<PeftFormat*>(this) : nullptr;
}

}  // namespace peft::lora
