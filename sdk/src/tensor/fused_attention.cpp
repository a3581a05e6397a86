#include "fused_attention.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <memory>

#include "attention_heads.h"
#include "kernel_choice.h"
#include "peft/ops.h"
#include "row_room.h"

namespace peft {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor contiguous_float(const std::optional<at::Tensor>& x) {
  return x ? x->to(at::kFloat).contiguous() : at::Tensor();
}

std::optional<at::Tensor> if_defined(const at::Tensor& x) {
  return x.defined() ? std::optional(x) : std::nullopt;
}

int64_t at_place(const std::vector<int64_t>& offsets, int64_t s) {
  return offsets[static_cast<size_t>(s)];
}

// The shapes of a call.
struct Plan {
  std::vector<int64_t> queries;  // offsets
  std::vector<int64_t> keys;     // offsets
  int64_t front = 0;
  int64_t heads = 0;
  int64_t key_value_heads = 0;
  int64_t head_size = 0;
  bool causal = true;
  double scale = 1.0;
  LagBias bias;

  int64_t sequences() const { return static_cast<int64_t>(queries.size()) - 1; }
  int64_t group() const { return heads / key_value_heads; }
  int64_t first_query(int64_t s) const { return at_place(queries, s); }
  int64_t first_key(int64_t s) const { return at_place(keys, s); }
  simd::AttentionShape shape(int64_t s, int64_t head) const {
    return {.queries = first_query(s + 1) - first_query(s),
            .keys = first_key(s + 1) - first_key(s),
            .front = front,
            .head_size = head_size,
            .scale = static_cast<float>(scale),
            .causal = causal,
            .by_lag = bias.of_head(head)};
  }
};

struct Kept : torch::CustomClassHolder {
  Plan plan;
};

template <class T>
void run_forward(const simd::AttentionKernels<T>& kernels, const Plan& plan, const at::Tensor& q,
                 const at::Tensor& k, const at::Tensor& v, const InFront& front, const at::Tensor& out,
                 const at::Tensor& log_sum) {
  for_each_head(plan.heads, plan.sequences(), [&](int64_t head, int64_t s, std::vector<float>& scratch) {
    const int64_t row = plan.first_query(s);
    const int64_t key_row = plan.first_key(s);
    const int64_t shared = head / plan.group();
    const simd::AttentionForward<T> call{.shape = plan.shape(s, head),
                                         .q = head_of<const T>(q, head, row),
                                         .k = head_of<const T>(k, shared, key_row),
                                         .v = head_of<const T>(v, shared, key_row),
                                         .front_k = head_of<const float>(front.keys, shared),
                                         .front_v = head_of<const float>(front.values, shared),
                                         .out = head_of<T>(out, head, row),
                                         .log_sum = log_sum.data_ptr<float>() + row * plan.heads + head,
                                         .log_sum_step = plan.heads};
    kernels.forward(call, room(scratch, kernels.forward_scratch(call.shape)));
  });
}

struct Gradients {
  at::Tensor q, k, v;
  InFront front;    // [sequences, P, key/value heads, head size] each: added up afterwards, in a fixed order
  at::Tensor bias;  // as LagBias::gradients, for each sequence; undefined: not wanted
};

template <class T>
void run_backward(const simd::AttentionKernels<T>& kernels, const Plan& plan, const variable_list& saved,
                  const at::Tensor& gradient, const Gradients& to) {
  const at::Tensor &q = saved[0], &k = saved[1], &v = saved[2], &out = saved[5], &log_sum = saved[6];
  const auto visit = [&](int64_t shared, int64_t s, std::vector<float>& scratch) {
    const int64_t row = plan.first_query(s);
    const int64_t key_row = plan.first_key(s);
    const auto front_of = [&](const at::Tensor& all) {
      return all.defined() ? head_of<float>(all[s], shared) : simd::HeadRows<float>{nullptr, 0};
    };
    for (int64_t i = 0; i < plan.group(); ++i) {
      const int64_t head = shared * plan.group() + i;
      const simd::AttentionBackward<T> call{
          .shape = plan.shape(s, head),
          .q = head_of<const T>(q, head, row),
          .k = head_of<const T>(k, shared, key_row),
          .v = head_of<const T>(v, shared, key_row),
          .front_k = head_of<const float>(saved[3], shared),
          .front_v = head_of<const float>(saved[4], shared),
          .out = head_of<const T>(out, head, row),
          .out_gradient = head_of<const T>(gradient, head, row),
          .log_sum = log_sum.const_data_ptr<float>() + row * plan.heads + head,
          .log_sum_step = plan.heads,
          .q_gradient = head_of<T>(to.q, head, row),
          .k_gradient = head_of<T>(to.k, shared, key_row),
          .v_gradient = head_of<T>(to.v, shared, key_row),
          .front_k_gradient = front_of(to.front.keys),
          .front_v_gradient = front_of(to.front.values),
          .first_of_group = i == 0,
          .lag_gradient = plan.bias.of_gradient(to.bias, s, head)};
      kernels.backward(call, room(scratch, kernels.backward_scratch(call.shape)));
    }
  };
  for_each_head(plan.key_value_heads, plan.sequences(), visit);
}

class FusedAttention : public torch::autograd::Function<FusedAttention> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& q, const at::Tensor& k,
                            const at::Tensor& v, const std::optional<at::Tensor>& front_keys,
                            const std::optional<at::Tensor>& front_values,
                            const std::optional<at::Tensor>& bias, const c10::intrusive_ptr<Kept>& kept) {
    const Plan& plan = kept->plan;
    const InFront front{.keys = contiguous_float(front_keys), .values = contiguous_float(front_values)};
    const at::Tensor out = empty_rows(q.size(0), plan.heads * plan.head_size, q.options())
                               .view({q.size(0), plan.heads, plan.head_size});
    const at::Tensor log_sum = at::empty({q.size(0), plan.heads}, q.options().dtype(at::kFloat));
    with_data(q, [&](auto* data) {
      using T = std::remove_pointer_t<decltype(data)>;
      run_forward<T>(kernel_choice().simd.attention_of<T>(), plan, q, k, v, front, out, log_sum);
    });
    context->save_for_backward({q, k, v, front.keys, front.values, out, log_sum});
    context->saved_data["kept"] = c10::IValue::make_capsule(kept);
    if (bias) context->saved_data["bias"] = static_cast<int64_t>(bias->scalar_type());
    return out.view({q.size(0), plan.heads * plan.head_size});
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const variable_list saved = context->get_saved_variables();
    const auto capsule = context->saved_data["kept"].toCapsule();
    const Plan& plan = static_cast<const Kept&>(*capsule).plan;
    const at::Tensor& q = saved[0];
    const int64_t rows = q.size(0);
    const at::Tensor gradient =
        upstream.front().to(q.scalar_type()).contiguous().view({rows, plan.heads, plan.head_size});
    Gradients to = room_for_gradients(plan, q, saved[1]);
    // Autograd counts the inputs that are there.
    if (plan.bias.exists() && context->needs_input_grad(plan.front > 0 ? 5 : 3))
      to.bias = plan.bias.gradients(plan.sequences());
    if (plan.front > 0) {
      const auto options = q.options().dtype(at::kFloat);
      to.front.keys =
          at::empty({plan.sequences(), plan.front, plan.key_value_heads, plan.head_size}, options);
      to.front.values = at::empty_like(to.front.keys);
    }
    with_data(q, [&](auto* data) {
      using T = std::remove_pointer_t<decltype(data)>;
      run_backward<T>(kernel_choice().simd.attention_of<T>(), plan, saved, gradient, to);
    });
    const auto summed = [](const at::Tensor& x) { return x.defined() ? x.sum(0) : x; };
    at::Tensor of_bias;
    if (to.bias.defined())
      of_bias = plan.bias.of_values(to.bias.sum(0))
                    .to(static_cast<at::ScalarType>(context->saved_data["bias"].toInt()));
    return {to.q, to.k, to.v, summed(to.front.keys), summed(to.front.values), of_bias, at::Tensor()};
  }

 private:
  static Gradients room_for_gradients(const Plan& plan, const at::Tensor& q, const at::Tensor& k) {
    const auto room = [&](int64_t rows, int64_t heads) {
      return empty_rows(rows, heads * plan.head_size, q.options()).view({rows, heads, plan.head_size});
    };
    const int64_t shared = plan.key_value_heads;
    if (plan.queries != plan.keys)
      return {.q = room(q.size(0), plan.heads),
              .k = room(k.size(0), shared),
              .v = room(k.size(0), shared),
              .front = {},
              .bias = {}};
    // Side by side, as a fused projection has its outputs: split_heads then hands them on as they are.
    const at::Tensor all = room(q.size(0), plan.heads + 2 * shared);
    return {.q = all.narrow(1, 0, plan.heads),
            .k = all.narrow(1, plan.heads, shared),
            .v = all.narrow(1, plan.heads + shared, shared),
            .front = {},
            .bias = {}};
  }
};

class SplitHeads : public torch::autograd::Function<SplitHeads> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& y, int64_t heads,
                               int64_t key_value_heads, int64_t head_size) {
    return parts(y, heads, key_value_heads, head_size);
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    return {joined(upstream).flatten(1), at::Tensor(), at::Tensor(), at::Tensor()};
  }

  static variable_list parts(const at::Tensor& y, int64_t heads, int64_t key_value_heads, int64_t head_size) {
    const at::Tensor by_head = y.unflatten(1, {heads + 2 * key_value_heads, head_size});
    return {by_head.narrow(1, 0, heads), by_head.narrow(1, heads, key_value_heads),
            by_head.narrow(1, heads + key_value_heads, key_value_heads)};
  }

 private:
  // The three as one tensor: the memory they lie in side by side, or a copy.
  static at::Tensor joined(const variable_list& parts) {
    const at::Tensor& q = parts[0];
    int64_t heads = 0;
    bool side_by_side = true;
    for (const at::Tensor& part : parts) {
      side_by_side = side_by_side && part.defined() && part.is_alias_of(q) &&
                     part.storage_offset() == q.storage_offset() + heads * q.size(2) &&
                     part.strides() == q.strides() && part.stride(1) == q.size(2) && part.stride(2) == 1;
      heads += part.size(1);
    }
    if (side_by_side && q.stride(0) == heads * q.size(2))
      return q.as_strided({q.size(0), heads, q.size(2)}, q.strides(), q.storage_offset());
    return at::cat(parts, 1);
  }
};

}  // namespace

bool can_fuse_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const auto fits = [&](const at::Tensor& x) {
    return simd_for(x) != nullptr && x.scalar_type() == q.scalar_type() && x.stride(2) == 1;
  };
  return fits(q) && fits(k) && fits(v);
}

at::Tensor fused_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                           const InFront& front, const AttentionRows& rows, const AttentionRules& rules) {
  const auto kept = c10::make_intrusive<Kept>();
  kept->plan = {.queries = rows.queries,
                .keys = rows.keys,
                .front = front.keys.defined() ? front.keys.size(0) : 0,
                .heads = q.size(1),
                .key_value_heads = k.size(1),
                .head_size = q.size(2),
                .causal = rules.causal,
                .scale = rules.scale,
                .bias = LagBias(rules.bias)};
  return FusedAttention::apply(q, k, v, if_defined(front.keys), if_defined(front.values),
                               if_defined(rules.bias.values), kept);
}

QueriesKeysValues split_heads(const at::Tensor& y, int64_t heads, int64_t key_value_heads,
                              int64_t head_size) {
  const variable_list parts = at::GradMode::is_enabled()
                                  ? SplitHeads::apply(y, heads, key_value_heads, head_size)
                                  : SplitHeads::parts(y, heads, key_value_heads, head_size);
  return {.q = parts[0], .k = parts[1], .v = parts[2]};
}

}  // namespace peft
