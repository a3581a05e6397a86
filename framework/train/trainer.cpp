#include "train/trainer.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "peft/error.h"
#include "peft/method.h"
#include "train/microbatches.h"

namespace peft::host {
namespace {

int64_t divide_up(int64_t dividend, int64_t divisor) {
  return (dividend + divisor - 1) / divisor;
}

// The sign of a NaN says nothing.
std::string shown(double value) {
  return std::isnan(value) ? "nan" : std::to_string(value);
}

}  // namespace

int64_t steps_per_epoch(const TrainOptions& options, int64_t examples) {
  return divide_up(examples, options.batch_size * options.accumulate);
}

int64_t total_steps(const TrainOptions& options, int64_t examples) {
  return options.steps > 0 ? options.steps : options.epochs * steps_per_epoch(options, examples);
}

std::vector<int64_t> epoch_order(int64_t count, bool shuffle, const RandomStream& random, int64_t epoch) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  if (!shuffle) return order;
  const RandomStream stream = random.child("order").child(static_cast<uint64_t>(epoch));
  for (int64_t last = count - 1; last > 0; --last) {
    const uint64_t other = stream.below(static_cast<uint64_t>(last), static_cast<uint64_t>(last) + 1);
    std::swap(order[static_cast<size_t>(last)], order[other]);
  }
  return order;
}

Trainer::Trainer(Model& model, AdapterSet& set, const Task& task, EncodedExamples examples,
                 const TrainOptions& options)
    : model_(model),
      set_(set),
      task_(task),
      examples_(std::move(examples)),
      options_(options),
      optimizer_(set, options.weight_decay),
      random_(options.seed) {
  if (examples_.empty()) throw Error("there is no example to train on");
  if (optimizer_.tensors().empty())
    throw UsageError("no method has a tensor to train; give one that is trainable");
  const auto count = static_cast<int64_t>(examples_.size());
  steps_per_epoch_ = host::steps_per_epoch(options, count);
  total_steps_ = host::total_steps(options, count);
  schedule_ = {.kind = options.schedule,
               .warmup_steps = warmup_steps(options.warmup, total_steps_),
               .total_steps = total_steps_};
  for (const MethodInstance& method : set.methods()) {
    if (!method.trainable) continue;
    if (auto* hooks = query<TrainingHooks>(*method.method)) hooks_.push_back(hooks);
  }
  for (TrainingHooks* hooks : hooks_) hooks->begin(total_steps_);
}

std::vector<size_t> Trainer::places_of(int64_t step) const {
  const int64_t epoch = (step - 1) / steps_per_epoch_;
  const auto count = static_cast<int64_t>(examples_.size());
  if (epoch != ordered_epoch_) {
    order_ = epoch_order(count, options_.shuffle, random_, epoch);
    ordered_epoch_ = epoch;
  }
  const int64_t a_step = options_.batch_size * options_.accumulate;
  const int64_t begin = (step - 1) % steps_per_epoch_ * a_step;
  return {order_.begin() + begin, order_.begin() + std::min(begin + a_step, count)};
}

std::vector<std::vector<size_t>> Trainer::microbatches(const std::vector<int64_t>& tokens,
                                                       int64_t budget) const {
  return budget > 0 ? pack_by_tokens(tokens, budget)
                    : parts_of(tokens.size(), static_cast<size_t>(options_.batch_size));
}

std::vector<std::vector<MicrobatchSize>> Trainer::microbatch_sizes(
    const std::vector<int64_t>& budgets) const {
  // Not asked of the examples themselves, which lie scattered and are met once an epoch.
  std::vector<MicrobatchSize> of_examples;
  of_examples.reserve(examples_.size());
  for (size_t place = 0; place < examples_.size(); ++place) {
    const ExampleShape shape = examples_.shape(place);
    of_examples.push_back(
        {.tokens = shape.tokens + shape.sequences * set_.prompt_length(), .sequences = shape.sequences});
  }
  std::vector<std::set<MicrobatchSize>> sizes(budgets.size());
  std::vector<int64_t> tokens;
  for (int64_t step = 1; step <= total_steps_; ++step) {
    const std::vector<size_t> chosen = places_of(step);
    tokens.clear();
    for (const size_t place : chosen) tokens.push_back(of_examples[place].tokens);
    for (size_t i = 0; i < budgets.size(); ++i) {
      bool first = true;
      for (const std::vector<size_t>& part : microbatches(tokens, budgets[i])) {
        MicrobatchSize size{.first = std::exchange(first, false)};
        for (const size_t place : part) {
          size.tokens += tokens[place];
          size.sequences += of_examples[chosen[place]].sequences;
        }
        sizes[i].insert(size);
      }
    }
  }
  std::vector<std::vector<MicrobatchSize>> found;
  for (const std::set<MicrobatchSize>& each : sizes) found.emplace_back(each.begin(), each.end());
  return found;
}

StepReport Trainer::advance() {
  const auto started = std::chrono::steady_clock::now();
  const int64_t step = step_ + 1;
  std::vector<EncodedExample> chosen;
  std::vector<int64_t> tokens;
  int64_t targets = 0;
  for (const size_t place : places_of(step)) {
    const EncodedExample& example = chosen.emplace_back(examples_[place]);
    tokens.push_back(computed_tokens(example, set_.prompt_length()));
    targets += task_.target_count(example, set_.prompt_length());
  }

  ForwardOptions policy;
  policy.sets = {&set_};
  policy.training = true;
  policy.random = random_.child("step").child(static_cast<uint64_t>(step));
  policy.recompute = options_.recompute;
  ForwardOptions reference;

  StepReport report;
  report.step = step;
  double loss = 0.0;
  int64_t counted = 0;
  optimizer_.clear_gradients();
  const at::Device device = model_.sites().parameters.front().tensor.device();
  for (const std::vector<size_t>& places : microbatches(tokens, options_.tokens_per_microbatch)) {
    std::vector<const EncodedExample*> part;
    for (const size_t place : places) part.push_back(&chosen[place]);
    const Batch batch = pack(part, device);
    const LossSum sum = task_.loss({model_, batch, policy, reference});
    (sum.sum / static_cast<double>(targets)).backward();
    loss += sum.sum.item<double>();
    counted += sum.count;
    report.tokens += batch.real_tokens();
  }
  if (counted != targets) {
    throw Error("the task counted " + std::to_string(targets) + " targets before step " +
                std::to_string(step) + " and " + std::to_string(counted) +
                " in it; its target_count and its loss must agree");
  }
  for (const TrainingHooks* hooks : hooks_) {
    const at::Tensor penalty = hooks->penalty();
    if (!penalty.defined()) continue;
    penalty.backward();
    report.penalty = report.penalty.value_or(0.0) + penalty.item<double>();
  }
  report.loss = loss / static_cast<double>(targets);
  report.gradient_norm = optimizer_.clip_gradients(options_.clip);
  if (!std::isfinite(report.loss) || !std::isfinite(report.gradient_norm)) {
    throw Error("step " + std::to_string(step) + ": the loss is " + shown(report.loss) +
                " and the gradient's norm " + shown(report.gradient_norm) +
                "; nothing was changed by this step. Lower train.learning_rate, or set train.clip");
  }
  const double factor = schedule_.factor(step);
  optimizer_.update(step, options_.learning_rate, factor);
  for (TrainingHooks* hooks : hooks_) hooks->after_update(step);
  optimizer_.clear_gradients();
  step_ = step;
  report.learning_rate = options_.learning_rate * factor;
  report.epoch = static_cast<double>(step) / static_cast<double>(steps_per_epoch_);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return report;
}

}  // namespace peft::host
