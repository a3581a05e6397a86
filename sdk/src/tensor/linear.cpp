#include "linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>
#include <utility>

#include "dropout.h"
#include "low_rank.h"
#include "matrix_product.h"

namespace peft {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What a call keeps beside its tensors.
struct Kept : torch::CustomClassHolder {
  WeightLayout layout = WeightLayout::out_in;
  at::ScalarType type = at::kFloat;
  bool has_bias = false;
  std::vector<LowRankUpdate> updates;
};

at::Tensor out_in(const at::Tensor& weight, WeightLayout layout) {
  return layout == WeightLayout::out_in ? weight : weight.t();
}

at::Tensor dropped(const LowRankUpdate& update, const at::Tensor& x) {
  return update.dropout == 0.0 ? x : drop(x, update.dropout, update.streams);
}

// scale · bᵀ, [rank, size].
at::Tensor scaled_panel(const LowRankUpdate& update) {
  return update.b.detach().t().mul(update.scale).contiguous();
}

class FusedLinear : public torch::autograd::Function<FusedLinear> {
 public:
  // `low_rank`: a and b of each update in turn, so that autograd sees them.
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            at::TensorList low_rank, const std::optional<at::Tensor>& bias,
                            const c10::intrusive_ptr<Kept>& kept) {
    const at::Tensor operand = x.to(kept->type);
    const at::Tensor multiplied = weight.to(kept->type);
    at::Tensor y =
        product(operand, out_in(multiplied, kept->layout), bias ? bias->to(kept->type) : at::Tensor());
    bool trains = weight.requires_grad();
    variable_list saved = {at::Tensor(), multiplied};
    for (const LowRankUpdate& update : kept->updates) {
      saved.push_back(add_update(y, dropped(update, operand), update));
    }
    for (const at::Tensor& tensor : low_rank) {
      trains |= tensor.requires_grad();
      saved.push_back(
          tensor);  // `kept` has them too; so autograd sees if one is written to before the backward pass
    }
    if (trains) saved.front() = x;
    context->save_for_backward(std::move(saved));
    context->saved_data["kept"] = c10::IValue::make_capsule(kept);
    return y.to(x.scalar_type());
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const variable_list saved = context->get_saved_variables();
    const auto capsule = context->saved_data["kept"].toCapsule();
    const auto& kept = static_cast<const Kept&>(*capsule);
    const at::Tensor& weight = saved[1];
    const at::ScalarType type = kept.type;
    const at::Tensor w = out_in(weight, kept.layout);
    const at::Tensor gradient = upstream.front().to(type);
    const at::Tensor x = saved[0].defined() ? saved[0].to(type) : at::Tensor();

    const bool wants_x = context->needs_input_grad(0);
    at::Tensor of_x = wants_x ? product(gradient, w.t()) : at::Tensor();
    at::Tensor of_weight;
    if (context->needs_input_grad(1)) {
      of_weight = kept.layout == WeightLayout::out_in ? at::mm(gradient.t(), x) : at::mm(x.t(), gradient);
    }
    variable_list gradients = {at::Tensor(), of_weight};
    for (size_t i = 0; i < kept.updates.size(); ++i) {
      const LowRankUpdate& update = kept.updates[i];
      const at::Tensor& inner = saved[2 + i];
      const at::Tensor of_y = gradient.narrow(1, update.begin, update.size);
      const at::Tensor of_inner = shrink(of_y, scaled_panel(update));
      const bool wants_a = context->needs_input_grad(2 + 2 * i);
      const bool wants_b = context->needs_input_grad(3 + 2 * i);
      gradients.push_back(wants_a ? gather(of_inner, dropped(update, x)) : at::Tensor());
      gradients.push_back(wants_b ? gather(inner, of_y).t() * update.scale : at::Tensor());
      if (!wants_x) continue;
      if (update.dropout == 0.0) {
        expand(of_x, of_inner, update.a);
      } else {
        const at::Tensor of_dropped = at::zeros_like(of_x);
        expand(of_dropped, of_inner, update.a);
        of_x.add_(dropped(update, of_dropped));
      }
    }
    if (wants_x) gradients.front() = of_x.to(upstream.front().scalar_type());
    const size_t bias_at = gradients.size();
    const bool wants_bias = kept.has_bias && context->needs_input_grad(bias_at);
    gradients.push_back(wants_bias ? gradient.sum(0) : at::Tensor());
    gradients.emplace_back();  // of `kept`, which is no tensor
    return gradients;
  }
};

}  // namespace

at::Tensor add_update(const at::Tensor& y, const at::Tensor& x, const LowRankUpdate& update) {
  const at::Tensor inner = shrink(x, update.a);
  expand(y.narrow(1, update.begin, update.size), inner, scaled_panel(update));
  return inner;
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, WeightLayout layout,
                  std::vector<LowRankUpdate> updates, at::ScalarType type) {
  variable_list low_rank;
  for (const LowRankUpdate& update : updates) low_rank.insert(low_rank.end(), {update.a, update.b});
  const auto kept = c10::make_intrusive<Kept>();
  kept->layout = layout;
  kept->type = type;
  kept->has_bias = bias.defined();
  kept->updates = std::move(updates);
  return FusedLinear::apply(x, weight, at::TensorList(low_rank),
                            bias.defined() ? std::optional(bias) : std::nullopt, kept);
}

}  // namespace peft
