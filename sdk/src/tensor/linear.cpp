#include "linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/mm.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>
#include <utility>

#include "dropout.h"
#include "matrix_product.h"

namespace peft {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What a call keeps beside its tensors. The updates' own tensors are among the saved ones.
struct Kept : torch::CustomClassHolder {
  WeightLayout layout = WeightLayout::out_in;
  bool has_bias = false;
  bool decoding = false;
  std::vector<LowRankUpdate> updates;
};

at::Tensor out_in(const at::Tensor& weight, WeightLayout layout) {
  return layout == WeightLayout::out_in ? weight : weight.t();
}

at::Tensor dropped(const LowRankUpdate& update, const at::Tensor& x) {
  return update.dropout == 0.0 ? x : drop(x, update.dropout, update.streams);
}

class FusedLinear : public torch::autograd::Function<FusedLinear> {
 public:
  // `low_rank`: a and b of each update in turn.
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            at::TensorList low_rank, const std::optional<at::Tensor>& bias,
                            const c10::intrusive_ptr<Kept>& kept) {
    const at::ScalarType type = weight.scalar_type();
    const at::Tensor operand = x.to(type);
    const auto multiply = kept->decoding ? decoding_product : product;
    at::Tensor y = multiply(operand, out_in(weight, kept->layout), bias ? bias->to(type) : at::Tensor());
    bool trains = false;
    variable_list saved = {at::Tensor(), weight};
    for (size_t i = 0; i < kept->updates.size(); ++i) {
      const LowRankUpdate& update = kept->updates[i];
      const at::Tensor& a = low_rank[2 * i];
      const at::Tensor& b = low_rank[2 * i + 1];
      const at::Tensor inner = at::mm(dropped(update, operand), a.t().to(type));  // [M, rank]
      y.narrow(1, update.begin, update.size).addmm_(inner, b.t().to(type), 1.0, update.scale);
      trains |= a.requires_grad() || b.requires_grad();
      saved.insert(saved.end(), {a, b, inner});
    }
    if (trains || weight.requires_grad()) saved.front() = x;
    context->save_for_backward(std::move(saved));
    context->saved_data["kept"] = c10::IValue::make_capsule(kept);
    return y.to(x.scalar_type());
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const variable_list saved = context->get_saved_variables();
    const auto capsule = context->saved_data["kept"].toCapsule();
    const auto& kept = static_cast<const Kept&>(*capsule);
    const at::Tensor& weight = saved[1];
    const at::ScalarType type = weight.scalar_type();
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
      const at::Tensor& a = saved[2 + 3 * i];
      const at::Tensor& b = saved[3 + 3 * i];
      const at::Tensor& inner = saved[4 + 3 * i];
      const at::Tensor of_y = gradient.narrow(1, update.begin, update.size);
      const at::Tensor of_inner = at::mm(of_y, b.to(type)).mul_(update.scale);
      const bool wants_a = context->needs_input_grad(2 + 2 * i);
      const bool wants_b = context->needs_input_grad(3 + 2 * i);
      gradients.push_back(wants_a ? summed(of_inner, dropped(update, x), a) : at::Tensor());
      gradients.push_back(wants_b ? summed(of_y, inner, b).mul_(update.scale) : at::Tensor());
      if (!wants_x) continue;
      if (update.dropout == 0.0) {
        of_x.addmm_(of_inner, a.to(type));
      } else {
        of_x.add_(dropped(update, at::mm(of_inner, a.to(type))));
      }
    }
    if (wants_x) gradients.front() = of_x.to(upstream.front().scalar_type());
    const size_t bias_at = gradients.size();
    const bool wants_bias = kept.has_bias && context->needs_input_grad(bias_at);
    gradients.push_back(wants_bias ? gradient.sum(0) : at::Tensor());
    gradients.emplace_back();  // of `kept`, which is no tensor
    return gradients;
  }

 private:
  // leftᵀ right, in the type of what it is the gradient of.
  static at::Tensor summed(const at::Tensor& left, const at::Tensor& right, const at::Tensor& of) {
    return at::mm(left.to(of.scalar_type()).t(), right.to(of.scalar_type()));
  }
};

}  // namespace

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, WeightLayout layout,
                  std::vector<LowRankUpdate> updates, bool decoding) {
  variable_list low_rank;
  for (const LowRankUpdate& update : updates) low_rank.insert(low_rank.end(), {update.a, update.b});
  const auto kept = c10::make_intrusive<Kept>();
  kept->layout = layout;
  kept->has_bias = bias.defined();
  kept->decoding = decoding;
  kept->updates = std::move(updates);
  for (LowRankUpdate& update : kept->updates) update.a = update.b = at::Tensor();
  return FusedLinear::apply(x, weight, at::TensorList(low_rank),
                            bias.defined() ? std::optional(bias) : std::nullopt, kept);
}

}  // namespace peft
