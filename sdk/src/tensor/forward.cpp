#include "peft/forward.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/full.h>
#include <ATen/ops/lerp.h>

#include <algorithm>

#include "attention.h"
#include "cached_attention.h"
#include "decoding_linear.h"
#include "dropout.h"
#include "forward_state.h"
#include "index_tensor.h"
#include "kernel_choice.h"
#include "key_value_cache.h"
#include "linear.h"
#include "peft/adapter_set.h"
#include "peft/error.h"
#include "peft/model.h"

namespace peft {
namespace {

// The residual stream's type: float32 on a base in half precision, float64 where the base is (in tests).
at::Tensor to_stream_type(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
}

// The position id of each sequence's first row.
std::vector<int64_t> first_positions(const PackedSequences& own, const KeyValueCache* cache,
                                     int64_t prefix_length) {
  std::vector<int64_t> first(static_cast<size_t>(own.sequences()), prefix_length);
  if (cache == nullptr) return first;
  for (size_t s = 0; s < first.size(); ++s) {
    const int64_t cached = cache->length(static_cast<int64_t>(s));
    if (cached > 0) first[s] = cached;
  }
  return first;
}

bool goes_on(const PackedSequences& own, const KeyValueCache* cache) {
  return cache != nullptr && own.sequences() > 0 && cache->length(0) > 0;
}

at::Tensor replace_columns(const at::Tensor& y, int64_t begin, int64_t size, const at::Tensor& columns) {
  std::vector<at::Tensor> pieces;
  if (begin > 0) pieces.push_back(y.narrow(1, 0, begin));
  pieces.push_back(columns);
  const int64_t end = begin + size;
  if (end < y.size(1)) pieces.push_back(y.narrow(1, end, y.size(1) - end));
  return at::cat(pieces, 1);
}

// y [M, out] = x Wᵀ + b by LibTorch's own differentiable operations. A weight in half precision multiplies in
// half precision; the result comes in x's type.
at::Tensor plain_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                        WeightLayout layout) {
  const at::Tensor w = layout == WeightLayout::out_in ? weight.t() : weight;
  const at::Tensor operand = x.to(weight.scalar_type());
  if (!bias.defined()) return operand.matmul(w).to(x.scalar_type());
  return at::addmm(bias.to(weight.scalar_type()), operand, w).to(x.scalar_type());
}

// What a set that acts by `weight` makes of `before`, where by 1 it makes `after` of it.
at::Tensor weighted(const at::Tensor& before, const at::Tensor& after, double weight) {
  return weight == 1.0 ? after : at::lerp(before.to(after.scalar_type()), after, weight);
}

// Keys and values that active methods put in front at this site, in recipe order.
InFront in_front_of(const Forward& forward, const AttentionSite& site) {
  std::vector<at::Tensor> keys;
  std::vector<at::Tensor> values;
  for (const auto& attached : site.attachments) {
    if (!forward.active(attached.set)) continue;
    KeysValues learned = attached.attachment->keys_values(forward);
    keys.push_back(std::move(learned.keys));
    values.push_back(std::move(learned.values));
  }
  if (keys.empty()) return {};
  if (keys.size() == 1) return {.keys = keys.front(), .values = values.front()};
  return {.keys = at::cat(keys), .values = at::cat(values)};
}

}  // namespace

void Forward::State::lay_out() {
  packed = peft::lay_out(own, prompt_length, first_positions(own, options.cache, prefix_length));
  const at::Device device = own.ids.device();
  positions = index_tensor(packed.positions, device);
  source = index_tensor(packed.source, device);
  real_rows = index_tensor(packed.real, device);
  labels = at::full({positions.size(0)}, no_target, own.ids.options());
  labels.index_copy_(0, real_rows, own.labels);
  if (!packed.positions.empty())
    longest = 1 + *std::max_element(packed.positions.begin(), packed.positions.end());
  const int64_t limit = model.info().max_positions;
  if (limit > 0 && longest > limit) {
    throw Error("a sequence reaches position " + std::to_string(longest) +
                ", virtual tokens counted; the model has " + std::to_string(limit) + " positions");
  }
}

Forward::Forward(Model& model, const Batch& batch, const ForwardOptions& options)
    : state_(new State{.model = model,
                       .batch = batch,
                       .options = options,
                       .own = {},
                       .prefix_length = 0,
                       .prompt_length = 0,
                       .longest = 0,
                       .decoding = false,
                       .packed = {},
                       .positions = {},
                       .labels = {},
                       .source = {},
                       .real_rows = {},
                       .shared = {},
                       .encoder = {},
                       .outside = {}}) {
  for (const ActiveSet& active : options.sets) {
    if (active.weight != 1.0 && active.set->virtual_tokens() > 0) {
      throw UsageError("the adapter set '" + active.set->name() +
                       "' has virtual tokens, which act by 1 or not at "
                       "all; found the weight " +
                       std::to_string(active.weight));
    }
    state_->prefix_length += active.set->prefix_length();
    state_->prompt_length += active.set->prompt_length();
  }
  const bool has_encoder = model.info().kind == ModelKind::encoder_decoder;
  const PackedSequences& own = has_encoder ? batch.decoder : batch.input;
  state_->decoding = goes_on(own, options.cache);
  if (has_encoder) {
    if (!state_->decoding) {
      const auto encoder = std::make_shared<State>(*state_);
      encoder->own = batch.input;
      encoder->options.cache = nullptr;
      encoder->lay_out();
      state_->encoder.reset(new Forward(encoder));
    }
    state_->prompt_length = 0;  // they stand in front of what the encoder reads
  }
  // Prompts stand in front of a sequence once: not again while it is decoded.
  if (state_->decoding) state_->prompt_length = 0;
  state_->own = own;
  state_->lay_out();
}

Forward::~Forward() = default;

const Batch& Forward::batch() const {
  return state_->batch;
}
bool Forward::training() const {
  return state_->options.training;
}
Forward* Forward::encoder() const {
  return state_->encoder.get();
}
const Rows& Forward::encoder_rows() const {
  static const Rows none;
  return state_->encoder == nullptr ? none : state_->encoder->rows();
}
int64_t Forward::longest_reach() const {
  return state_->longest;
}
const Rows& Forward::rows() const {
  return state_->packed.rows;
}
const at::Tensor& Forward::positions() const {
  return state_->positions;
}
const at::Tensor& Forward::labels() const {
  return state_->labels;
}
const at::Tensor& Forward::real_rows() const {
  return state_->real_rows;
}
int64_t Forward::virtual_tokens_in_front() const {
  return state_->prompt_length;
}

double Forward::weight_of(const AdapterSet* set) const {
  for (const ActiveSet& active : state_->options.sets) {
    if (active.set == set) return active.weight;
  }
  return 0.0;
}

at::Tensor Forward::parameter(const ParameterSite& site) const {
  // Each stands for the base's own value: together they change it by the sum of what each changes.
  at::Tensor value;
  for (const auto& attached : site.attachments) {
    if (!active(attached.set)) continue;
    const at::Tensor one =
        weighted(site.tensor, attached.attachment->value(site.tensor), weight_of(attached.set));
    value = value.defined() ? value + (one - site.tensor) : one;
  }
  return value.defined() ? value : site.tensor;
}

at::Tensor Forward::embed(EmbeddingSite& site) {
  const at::Tensor& ids = state_->own.ids;
  at::Tensor embedded = to_stream_type(at::embedding(parameter(*site.weight), ids));
  const Rows real = some_rows(rows(), state_->packed.real);
  std::vector<at::Tensor> pieces;
  for (const auto& attached : site.attachments) {
    if (!active(attached.set)) continue;
    embedded =
        weighted(embedded, attached.attachment->output(*this, real, ids, embedded), weight_of(attached.set));
    if (state_->prompt_length > 0 && attached.attachment->length() > 0) {
      pieces.push_back(attached.attachment->virtual_tokens(*this).to(embedded.scalar_type()));
    }
  }
  if (pieces.empty()) return embedded;
  pieces.push_back(embedded);
  return at::cat(pieces, 0).index_select(0, state_->source);
}

at::Tensor Forward::base_linear(const LinearSite& site, const at::Tensor& x, int64_t begin,
                                int64_t size) const {
  const at::ScalarType type = site.weight->tensor.scalar_type();
  const at::Tensor weight =
      parameter(*site.weight).narrow(site.layout == WeightLayout::out_in ? 0 : 1, begin, size);
  if (kernel_choice().plain) return plain_linear(x, weight.to(type), {}, site.layout);
  return peft::linear(x, weight, {}, site.layout, {}, type);
}

at::Tensor LinearCall::base(const at::Tensor& x) const {
  return forward.base_linear(site, x, begin, size);
}

at::ScalarType Forward::operand_type() const {
  const at::ScalarType type = state_->model.sites().parameters.front().tensor.scalar_type();
  return kernel_choice().plain && type == at::kBFloat16 ? at::kFloat : type;
}

at::Tensor Forward::linear(LinearSite& site, const at::Tensor& x) {
  return linear(site, x, rows());
}

at::Tensor Forward::linear(LinearSite& site, const at::Tensor& input, const Rows& rows) {
  at::Tensor x = input;
  std::vector<const Attached<LinearAttachment>*> attached;
  for (const auto& one : site.attachments) {
    if (!active(one.set)) continue;
    attached.push_back(&one);
    if (!one.attachment->changes_input()) continue;
    x = to_stream_type(x);
    x = weighted(x, one.attachment->input({*this, rows, site, one.begin, one.size}, x), weight_of(one.set));
  }
  const at::ScalarType type = site.weight->tensor.scalar_type();
  const at::Tensor weight = parameter(*site.weight);
  const at::Tensor bias = site.bias == nullptr ? at::Tensor() : parameter(*site.bias);
  auto next = attached.begin();
  at::Tensor y;
  if (kernel_choice().plain) {
    y = plain_linear(x, weight.to(type), bias, site.layout);
  } else {
    // Low-rank updates that come before anything else join the base; what others do to the output comes
    // after.
    std::vector<LowRankUpdate> updates;
    for (; next != attached.end(); ++next) {
      const auto* delta = query<LowRankDelta>(*(*next)->attachment);
      if (delta == nullptr) break;
      const double dropout = training() ? delta->dropout : 0.0;
      updates.push_back({.begin = (*next)->begin,
                         .size = (*next)->size,
                         .a = delta->a,
                         .b = delta->b,
                         .scale = delta->scale * weight_of((*next)->set),
                         .dropout = dropout,
                         .streams = dropout == 0.0
                                        ? at::Tensor()
                                        : row_streams(state_->options.random.child(delta->stream), rows)});
    }
    const bool decoding = state_->options.cache != nullptr && !at::GradMode::is_enabled();
    y = decoding ? decoding_linear(x, weight.to(type), bias, site.layout, updates)
                 : peft::linear(x, weight, bias, site.layout, std::move(updates), type);
  }
  if (next == attached.end()) return y;
  x = to_stream_type(x);
  y = to_stream_type(y);
  for (; next != attached.end(); ++next) {
    const Attached<LinearAttachment>& one = **next;
    const bool whole = one.size == site.out;
    const at::Tensor before = whole ? y : y.narrow(1, one.begin, one.size);
    const LinearCall call{*this, rows, site, one.begin, one.size};
    const at::Tensor after = weighted(before, one.attachment->output(call, x, before), weight_of(one.set));
    y = whole ? after : replace_columns(y, one.begin, one.size, after);
  }
  return y;
}

at::Tensor Forward::attention(AttentionSite& site, const at::Tensor& q, const at::Tensor& k,
                              const at::Tensor& v, const DistanceBias& bias) {
  if (state_->options.record != nullptr) state_->options.record->push_back({.keys = k, .values = v});
  // Once decoding, what is in front is in the cache.
  const InFront front = state_->decoding ? InFront{} : in_front_of(*this, site);
  const AttentionRows own{.queries = rows().offsets, .keys = rows().offsets};
  const AttentionRules rules = rules_of(site, bias);
  if (state_->options.cache == nullptr) return attend_packed(q, k, v, front, own, rules);
  return attend_cached(q, k, v, front, own, state_->options.cache->state().sites.at(&site), rules);
}

at::Tensor Forward::cross_attention(AttentionSite& site, const at::Tensor& q, const at::Tensor& k,
                                    const at::Tensor& v) {
  if (state_->options.record != nullptr && k.defined())
    state_->options.record->push_back({.keys = k, .values = v});
  const InFront front = state_->decoding ? InFront{} : in_front_of(*this, site);
  const AttentionRows both{.queries = rows().offsets, .keys = encoder_rows().offsets};
  const AttentionRules rules = rules_of(site);
  if (state_->options.cache == nullptr) return attend_packed(q, k, v, front, both, rules);
  return attend_cached(q, k, v, front, both, state_->options.cache->state().sites.at(&site), rules);
}

at::Tensor Forward::residual(ResidualSite& site, const ResidualStreams& streams) {
  ResidualStreams current = streams;
  for (const auto& attached : site.attachments) {
    if (!active(attached.set)) continue;
    current.sublayer_input = to_stream_type(current.sublayer_input);
    current.sublayer_output = to_stream_type(current.sublayer_output);
    current.sublayer_output =
        weighted(current.sublayer_output, attached.attachment->output(*this, rows(), current),
                 weight_of(attached.set));
  }
  return current.sublayer_output;
}

at::Tensor Forward::head(HeadSite& site, const at::Tensor& hidden, const Rows& rows) {
  for (const auto& attached : site.attachments) {
    if (active(attached.set)) return attached.attachment->output(*this, rows, hidden);
  }
  throw Error("nothing stands at the head '" + site.name + "'; the task has to attach one");
}

}  // namespace peft
