#include "adalora_method.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/kthvalue.h>
#include <ATen/ops/linalg_vector_norm.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "peft/error.h"

namespace peft::adalora {
namespace {

class AdaLoraAttachment : public LinearAttachment {
 public:
  AdaLoraAttachment(at::Tensor a, at::Tensor lambda, at::Tensor b, double scale, double dropout,
                    std::string stream)
      : a_(std::move(a)),
        lambda_(std::move(lambda)),
        b_(std::move(b)),
        scale_(scale),
        dropout_(dropout),
        stream_(std::move(stream)) {}

  at::Tensor output(const LinearCall& call, const at::Tensor& x, const at::Tensor& y) const override {
    const at::Tensor dropped = call.forward.dropout(x, dropout_, stream_, call.rows);
    return at::addmm(y, dropped.matmul((a_ * lambda_).t()), b_.t(), 1.0, scale_);
  }

  bool fold(const LinearSite&, at::Tensor& weight, at::Tensor&) const override {
    // Added in the wider of the two types, rounded to the weight's own once.
    weight = weight.add(b_.matmul(a_ * lambda_), scale_).to(weight.scalar_type());
    return true;
  }

 private:
  at::Tensor a_;       // [init_r, in]
  at::Tensor lambda_;  // [init_r, 1]
  at::Tensor b_;       // [size, init_r]
  double scale_;
  double dropout_;
  std::string stream_;
};

// ‖P Pᵀ - I‖ of the rows of `p`, Frobenius.
at::Tensor distance_from_orthogonal(const at::Tensor& p) {
  return at::linalg_vector_norm(p.matmul(p.t()) - at::eye(p.size(0), p.options().requires_grad(false)));
}

void check(const AdaLoraOptions& options, const std::vector<LinearTarget>& targets) {
  if (options.target_r > options.init_r) {
    throw UsageError("'target_r' is " + std::to_string(options.target_r) + ", above 'init_r', " +
                     std::to_string(options.init_r) +
                     ", which ranks are taken away from; set it to at most " +
                     std::to_string(options.init_r));
  }
  for (const LinearTarget& target : targets) {
    const int64_t widest = std::min(target.site->in, target.size);
    if (options.init_r <= widest) continue;
    throw UsageError("'init_r' is " + std::to_string(options.init_r) + ", but '" + target.name + "' is " +
                     std::to_string(target.site->in) + " -> " + std::to_string(target.size) +
                     " wide; set it to at most " + std::to_string(widest));
  }
}

}  // namespace

AdaLoraMethod::Update AdaLoraMethod::declare(Attacher& attacher, const LinearTarget& target) const {
  const int64_t r = options_.init_r;
  const std::string& name = target.name;
  const at::Tensor a = attacher.tensor(name + ".A", {r, target.site->in}, init::normal(0.02));
  const at::Tensor lambda = attacher.tensor(name + ".E", {r, 1}, init::zeros());
  const at::Tensor b = attacher.tensor(name + ".B", {target.size, r}, init::normal(0.02));
  return {.target = target,
          .a = a,
          .lambda = lambda,
          .b = b,
          .kept = attacher.tensor(name + ".kept", {r}, init::ones(), {.trained = false}),
          .of_a = Importance(attacher, name + ".A", a),
          .of_lambda = Importance(attacher, name + ".E", lambda),
          .of_b = Importance(attacher, name + ".B", b)};
}

void AdaLoraMethod::attach(Attacher& attacher) {
  const std::vector<LinearTarget> targets = attacher.sites().linear_targets(options_.targets);
  check(options_, targets);
  for (const LinearTarget& target : targets) {
    const Update& update = updates_.emplace_back(declare(attacher, target));
    attacher.attach(
        target, std::make_unique<AdaLoraAttachment>(update.a, update.lambda, update.b, options_.scale(),
                                                    options_.dropout, attacher.name() + "/" + target.name));
  }
}

void AdaLoraMethod::begin(int64_t total_steps) {
  schedule_ = RankSchedule(options_, static_cast<int64_t>(updates_.size()), total_steps);
}

at::Tensor AdaLoraMethod::penalty() const {
  if (options_.orth_reg_weight == 0.0) return {};
  at::Tensor sum;
  for (const Update& update : updates_) {
    const at::Tensor both = distance_from_orthogonal(update.a) + distance_from_orthogonal(update.b.t());
    sum = sum.defined() ? sum + both : both;
  }
  return sum * (options_.orth_reg_weight / static_cast<double>(2 * updates_.size()));
}

void AdaLoraMethod::after_update(int64_t step) {
  const at::NoGradGuard no_grad;
  if (schedule_.measures(step)) {
    for (Update& update : updates_) {
      for (Importance* importance : {&update.of_a, &update.of_lambda, &update.of_b}) {
        importance->measure(options_.beta1, options_.beta2);
      }
    }
  }
  if (schedule_.allocates(step)) allocate(schedule_.pruned(step));
  // Between allocations, a rank that lost its Λ may win it back.
  if (schedule_.allocates(step) || schedule_.is_final(step)) drop_what_is_not_kept();
}

at::Tensor AdaLoraMethod::Update::scores() const {
  return of_lambda.score().view({-1}) + (of_a.score().mean(1) + of_b.score().mean(0));
}

void AdaLoraMethod::allocate(int64_t pruned) {
  if (pruned == 0) return;
  std::vector<at::Tensor> scores;
  for (const Update& update : updates_) scores.push_back(update.scores());
  const at::Tensor threshold = std::get<0>(at::kthvalue(at::cat(scores), pruned));
  for (size_t i = 0; i < updates_.size(); ++i) updates_[i].kept.copy_(scores[i] > threshold);
}

void AdaLoraMethod::drop_what_is_not_kept() {
  for (Update& update : updates_) update.lambda.masked_fill_((update.kept == 0).unsqueeze(1), 0);
}

void* AdaLoraMethod::query(std::string_view wanted) noexcept {
  if (wanted == TrainingHooks::id) return static_cast<TrainingHooks*>(this);
  if (wanted == PeftFormat::id) return static_cast<PeftFormat*>(this);
  return wanted == PeftImport::id ? static_cast<PeftImport*>(this) : nullptr;
}

}  // namespace peft::adalora
