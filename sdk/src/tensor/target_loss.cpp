#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <span>

#include "kernel_choice.h"
#include "matrix_product.h"
#include "packed_rows.h"
#include "peft/ops.h"

namespace peft {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Calls `visit(begin, count)` for each stretch of at most `targets_at_once` of `total` rows.
template <class Visit>
void in_chunks(int64_t total, const Visit& visit) {
  for (int64_t begin = 0; begin < total; begin += targets_at_once)
    visit(begin, std::min(targets_at_once, total - begin));
}

at::Tensor widened(const at::Tensor& logits) {
  return logits.scalar_type() == at::kDouble ? logits : logits.to(at::kFloat);
}

// −log softmax(logits)[id] of each row, [rows].
at::Tensor losses_of(const at::Tensor& logits, const at::Tensor& ids) {
  const at::Tensor wide = widened(logits);
  return at::logsumexp(wide, 1) - wide.gather(1, ids.unsqueeze(1)).squeeze(1);
}

// The same, without gradient; the logits are overwritten, with softmax − onehot where `gradient` is set.
at::Tensor take_losses(at::Tensor& logits, const at::Tensor& ids, bool gradient) {
  const simd::Kernels* kernels = simd_for(logits);
  if (kernels == nullptr || !logits.is_contiguous()) {
    at::Tensor wide = widened(logits);
    const at::Tensor targets = ids.unsqueeze(1);
    const at::Tensor normaliser = at::logsumexp(wide, 1, /*keepdim=*/true);
    const at::Tensor losses = (normaliser - wide.gather(1, targets)).squeeze(1);
    if (!gradient) return losses;
    wide.sub_(normaliser).exp_();
    wide.scatter_add_(1, targets, at::full(targets.sizes(), -1.0, wide.options()));
    logits = wide.to(logits.scalar_type());
    return losses;
  }
  const at::Tensor losses = at::empty({logits.size(0)}, logits.options().dtype(at::kFloat));
  with_data(logits, [&](auto* data) {
    using T = std::remove_pointer_t<decltype(data)>;
    const simd::SoftmaxLoss<T> call{.logits = data,
                                    .targets = ids.const_data_ptr<int64_t>(),
                                    .losses = losses.data_ptr<float>(),
                                    .width = logits.size(1),
                                    .gradient = gradient};
    at::parallel_for(0, logits.size(0), 1, [&](int64_t begin, int64_t end) {
      kernels->rows_of<T>().softmax_loss(call, begin, end);
    });
  });
  return losses;
}

// Σ −log softmax(h Wᵀ)[id], with the gradients of h and W formed on the way: of −log softmax(z)[i] by z it is
// softmax(z) − onehot(i). hidden [T, d], weight [vocabulary, d], ids [T]; multiplied in `type`.
class FusedTargetLoss : public torch::autograd::Function<FusedTargetLoss> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& hidden, const at::Tensor& weight,
                            const at::Tensor& ids, at::ScalarType type, bool wants_hidden,
                            bool wants_weight) {
    const at::Tensor operand = hidden.to(type);
    const at::Tensor multiplied = weight.to(type);
    at::Tensor hidden_gradient = wants_hidden ? at::empty_like(hidden) : at::Tensor();
    at::Tensor weight_gradient = wants_weight ? at::zeros_like(weight) : at::Tensor();
    at::Tensor sum = at::zeros({}, hidden.options());
    in_chunks(hidden.size(0), [&](int64_t begin, int64_t count) {
      const at::Tensor rows = operand.narrow(0, begin, count);
      at::Tensor logits = product(rows, multiplied);
      sum += take_losses(logits, ids.narrow(0, begin, count), wants_hidden || wants_weight).sum();
      if (wants_hidden) hidden_gradient.narrow(0, begin, count).copy_(product(logits, multiplied.t()));
      if (!wants_weight) return;
      if (type == weight.scalar_type()) {
        weight_gradient.addmm_(logits.t(), rows);
      } else {
        weight_gradient.add_(at::mm(logits.t(), rows));  // summed in the wider type
      }
    });
    context->saved_data["hidden"] = hidden_gradient;
    context->saved_data["weight"] = weight_gradient;
    return sum;
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const auto scaled = [&](const char* name) {
      const at::Tensor gradient = context->saved_data[name].toTensor();
      return gradient.defined() ? gradient * upstream[0].to(gradient.scalar_type()) : gradient;
    };
    return {scaled("hidden"), scaled("weight"), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

bool has_active_attachment(const Forward& forward, const LinearSite& head) {
  return std::any_of(head.attachments.begin(), head.attachments.end(),
                     [&](const auto& attached) { return forward.active(attached.set); });
}

// Calls `visit(logits [count, vocabulary], ids [count])` for stretches of the targets.
template <class Visit>
void visit_logits(Forward& forward, LinearSite& head, const at::Tensor& hidden, const TargetRows& targets,
                  const Visit& visit) {
  in_chunks(targets.count(), [&](int64_t begin, int64_t count) {
    const at::Tensor rows = targets.rows.narrow(0, begin, count);
    const at::Tensor on_cpu = rows.cpu();
    const std::span<const int64_t> chosen(on_cpu.data_ptr<int64_t>(), static_cast<size_t>(count));
    const at::Tensor logits =
        forward.linear(head, hidden.index_select(0, rows), some_rows(forward.rows(), chosen));
    visit(logits, targets.ids.narrow(0, begin, count));
  });
}

}  // namespace

at::Tensor target_loss(Forward& forward, LinearSite& head, const at::Tensor& hidden,
                       const TargetRows& targets) {
  // What is attached to the head itself is differentiated as it stands.
  if (head.bias != nullptr || has_active_attachment(forward, head)) {
    at::Tensor sum = at::zeros({}, hidden.options());
    visit_logits(forward, head, hidden, targets,
                 [&](at::Tensor logits, const at::Tensor& ids) { sum = sum + losses_of(logits, ids).sum(); });
    return sum;
  }
  at::Tensor weight = forward.parameter(*head.weight);
  if (head.layout == WeightLayout::in_out) weight = weight.t();
  const at::Tensor rows = hidden.index_select(0, targets.rows);
  const bool differentiates = at::GradMode::is_enabled();
  return FusedTargetLoss::apply(rows, weight, targets.ids, head.weight->tensor.scalar_type(),
                                differentiates && rows.requires_grad(),
                                differentiates && weight.requires_grad());
}

at::Tensor target_nll(Forward& forward, LinearSite& head, const at::Tensor& hidden,
                      const TargetRows& targets) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> pieces = {at::empty({0}, at::kDouble)};
  visit_logits(forward, head, hidden, targets, [&](at::Tensor logits, const at::Tensor& ids) {
    pieces.push_back(take_losses(logits, ids, /*gradient=*/false).to(at::kDouble).cpu());
  });
  return at::cat(pieces);
}

}  // namespace peft
