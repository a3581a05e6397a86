#include "memory/activation_bytes.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "peft/batch.h"
#include "peft/forward.h"
#include "peft/ops.h"

namespace peft::host {
namespace {

// The vocabulary projection works on `targets_at_once`: beyond them only what has the width of the residual
// stream grows, the rows, their gradient and a copy.
constexpr int64_t widths_of_a_target = 3;
constexpr int64_t bytes_of_float = 4;

// More than the rows for which a decoder's kernels are made, which keep other things.
constexpr int64_t few = 9;
constexpr int64_t more = 12;

// A forward's batch: sequences of so many tokens, which ones does not matter; the decoder of an
// encoder-decoder reads as many.
Batch batch_of(int64_t sequences, int64_t tokens, bool decoder) {
  std::vector<EncodedExample> examples(static_cast<size_t>(sequences));
  std::vector<const EncodedExample*> pointers;
  for (EncodedExample& example : examples) {
    example.inputs.push_back({.ids = std::vector<int64_t>(static_cast<size_t>(tokens), 0),
                              .labels = std::vector<int64_t>(static_cast<size_t>(tokens), 0)});
    if (decoder) example.decoder_inputs = example.inputs;
    pointers.push_back(&example);
  }
  return pack(pointers, at::kCPU);
}

// What was traced on so many rows.
struct Traced {
  ComputedRows computed;
  std::vector<int64_t> bytes;
};

int64_t most(const std::vector<int64_t>& trace) {
  return trace.empty() ? 0 : *std::max_element(trace.begin(), trace.end());
}

GrowingBytes::Moment moment_through(const std::array<ComputedRows, 3>& computed,
                                    const std::array<int64_t, 3>& bytes) {
  const auto difference = [](int64_t a, int64_t b) { return static_cast<double>(a - b); };
  GrowingBytes::Moment moment;
  moment.of_a_row =
      difference(bytes[1], bytes[0]) / std::max(1.0, difference(computed[1].rows, computed[0].rows));
  moment.of_a_sequence =
      difference(bytes[2], bytes[0]) - moment.of_a_row * difference(computed[2].rows, computed[0].rows);
  moment.constant = static_cast<double>(bytes[0]) - moment.of_a_sequence -
                    moment.of_a_row * static_cast<double>(computed[0].rows);
  return moment;
}

// Through what was traced on one sequence of few rows, one of more, and two of few. The same tensors are made
// each time, unless something is done once a sequence: then two sequences tell the most alone.
GrowingBytes through(const std::array<Traced, 3>& traced) {
  const std::array<ComputedRows, 3> computed = {traced[0].computed, traced[1].computed, traced[2].computed};
  const auto& [one, longer, two] = traced;
  const GrowingBytes::Moment summit =
      moment_through(computed, {most(one.bytes), most(longer.bytes), most(two.bytes)});
  if (one.bytes.size() != longer.bytes.size()) return GrowingBytes({summit});
  const bool aligned = two.bytes.size() == one.bytes.size();
  std::vector<GrowingBytes::Moment> moments;
  for (size_t i = 0; i < one.bytes.size(); ++i) {
    const int64_t of_two = aligned ? two.bytes[i] : one.bytes[i];
    GrowingBytes::Moment moment = moment_through(computed, {one.bytes[i], longer.bytes[i], of_two});
    if (!aligned) {
      moment.of_a_sequence = summit.of_a_sequence;
      moment.constant = static_cast<double>(one.bytes[i]) - moment.of_a_sequence -
                        moment.of_a_row * static_cast<double>(computed[0].rows);
    }
    moments.push_back(moment);
  }
  return GrowingBytes(std::move(moments));
}

class Probe {
 public:
  Probe(Model& model, AdapterSet& set, bool recompute, TensorMemory& memory)
      : model_(model), set_(set), memory_(memory) {
    training_.sets = {&set};
    training_.training = true;
    training_.recompute = recompute;
    inference_.sets = {&set};
    const int64_t virtual_tokens = set.virtual_tokens();
    if (model.info().max_positions > 0) {
      positions_ = std::max<int64_t>(model.info().max_positions - virtual_tokens, 1);
    }
    more_ = std::min(more, positions_);
    few_ = std::clamp<int64_t>(more_ - 1, 1, few);
  }

  ActivationBytes measure() {
    give_gradients();
    std::array<Traced, 3> kept{};
    std::array<Traced, 3> training{};
    std::array<Traced, 3> inference{};
    const std::array<std::pair<int64_t, int64_t>, 3> shapes = {{{1, few_}, {1, more_}, {2, few_}}};
    for (size_t i = 0; i < shapes.size(); ++i) {
      const auto [sequences, tokens] = shapes.at(i);
      const int64_t sides = has_encoder() ? 2 : 1;
      const ComputedRows computed{.rows = sides * sequences * (tokens + set_.prompt_length()),
                                  .sequences = sides * sequences};
      Pass passed = pass(sequences, tokens);
      kept.at(i) = {computed, {passed.kept}};
      training.at(i) = {computed, std::move(passed.trace)};
      inference.at(i) = {computed, forward_alone(sequences, tokens)};
    }
    ActivationBytes bytes;
    bytes.kept = through(kept);
    bytes.training = through(training);
    bytes.inference = through(inference);
    if (LinearSite* head = model_.language_head(); head != nullptr) measure_head(*head, bytes);
    return bytes;
  }

 private:
  struct Pass {
    int64_t kept = 0;
    std::vector<int64_t> trace;
  };

  // As in every micro-batch but a step's first.
  void give_gradients() {
    for (MethodInstance& method : set_.methods()) {
      for (MethodTensor& tensor : method.tensors) {
        if (tensor.tensor.requires_grad()) tensor.tensor.mutable_grad() = at::empty_like(tensor.tensor);
      }
    }
  }

  Pass pass(int64_t sequences, int64_t tokens) {
    const Batch batch = batch_of(sequences, tokens, has_encoder());
    const int64_t before = memory_.live();
    Pass pass;
    pass.trace = memory_.trace([&] {
      Forward forward(model_, batch, training_);
      const at::Tensor sum = model_.hidden(forward).sum();
      pass.kept = memory_.live() - before;
      if (sum.requires_grad()) sum.backward();
    });
    return pass;
  }

  std::vector<int64_t> forward_alone(int64_t sequences, int64_t tokens) {
    const at::NoGradGuard no_grad;
    const Batch batch = batch_of(sequences, tokens, has_encoder());
    return memory_.trace([&] {
      Forward forward(model_, batch, inference_);
      model_.hidden(forward);
    });
  }

  void measure_head(LinearSite& head, ActivationBytes& bytes) {
    std::array<Traced, 3> loss{};
    std::array<Traced, 3> kept{};
    std::array<Traced, 3> scoring{};
    const std::array<int64_t, 2> lengths = {few_, more_};
    for (size_t i = 0; i < lengths.size(); ++i) {
      const Batch batch = batch_of(1, lengths.at(i), has_encoder());
      Forward forward(model_, batch, training_);
      const int64_t rows = forward.labels().size(0);
      const at::Tensor hidden =
          at::zeros({rows, model_.info().hidden_size}, at::kFloat).set_requires_grad(true);
      const TargetRows targets = target_rows(forward);
      const ComputedRows computed{.rows = targets.count(), .sequences = 0};
      const int64_t before = memory_.live();
      loss.at(i) = {computed, memory_.trace([&] {
                      const at::Tensor sum = target_loss(forward, head, hidden, targets);
                      kept.at(i) = {computed, {memory_.live() - before}};
                      sum.backward();
                    })};
      scoring.at(i) = {computed, memory_.trace([&] { target_nll(forward, head, hidden, targets); })};
    }
    for (auto* traced : {&loss, &kept, &scoring}) (*traced)[2] = (*traced)[0];  // sequences do not matter
    bytes.loss = through(loss);
    bytes.loss_kept = through(kept);
    bytes.scoring = through(scoring);
  }

  bool has_encoder() const { return model_.info().kind == ModelKind::encoder_decoder; }

  Model& model_;
  AdapterSet& set_;
  TensorMemory& memory_;
  ForwardOptions training_;
  ForwardOptions inference_;
  int64_t positions_ = targets_at_once;  // of a sequence at most, virtual tokens not counted
  int64_t few_ = few;
  int64_t more_ = more;
};

// What grows with targets, which are taken a few at a time: the most while they are.
int64_t of_targets(const GrowingBytes& bytes, int64_t targets, int64_t width) {
  if (bytes.moments().empty()) return 0;  // there is no vocabulary projection
  const int64_t beyond = std::max<int64_t>(targets - targets_at_once, 0);
  return bytes.at({.rows = targets - beyond, .sequences = 0}) +
         beyond * widths_of_a_target * width * bytes_of_float;
}

}  // namespace

double GrowingBytes::Moment::at(const ComputedRows& computed) const {
  return constant + of_a_row * static_cast<double>(computed.rows) +
         of_a_sequence * static_cast<double>(computed.sequences);
}

int64_t GrowingBytes::at(const ComputedRows& computed) const {
  double bytes = 0.0;
  for (const Moment& moment : moments_) bytes = std::max(bytes, moment.at(computed));
  return static_cast<int64_t>(bytes);
}

int64_t ActivationBytes::of_forward_and_loss(const ComputedRows& computed) const {
  return kept.at(computed) + of_targets(loss, computed.rows, width);
}

int64_t ActivationBytes::of_backward(const ComputedRows& computed, int64_t gradients) const {
  // What was kept goes as the gradients come: the most is at one of the ends.
  const int64_t passing = std::max<int64_t>(training.at(computed) - kept.at(computed), 0);
  return std::max(kept.at(computed), gradients) + passing + of_targets(loss_kept, computed.rows, width);
}

int64_t ActivationBytes::of_scoring(const ComputedRows& computed) const {
  const int64_t hidden = computed.rows * width * bytes_of_float;
  return std::max(inference.at(computed), hidden + of_targets(scoring, computed.rows, width));
}

ActivationBytes measure_activations(Model& model, AdapterSet& set, bool recompute, TensorMemory& memory) {
  ActivationBytes bytes = Probe(model, set, recompute, memory).measure();
  bytes.width = model.info().hidden_size;
  return bytes;
}

}  // namespace peft::host
