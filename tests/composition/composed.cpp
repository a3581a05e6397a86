#include "composed.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>

#include <catch2/catch.hpp>
#include <future>
#include <set>

#include "checkpoint/commit.h"
#include "checkpoint/load.h"
#include "engine/run_checkpoint.h"
#include "peft/head.h"
#include "support/temporary_folder.h"
#include "support/tiny_gpt2.h"

namespace peft::test {
namespace {

ForwardOptions forward_with(std::vector<ActiveSet> sets) {
  ForwardOptions options;
  options.sets = std::move(sets);
  return options;
}

// Of ragged lengths, among them a sequence that is as short as the task can have it.
std::vector<EncodedExample> some_examples(const Model& model, const std::string& task) {
  std::vector<EncodedExample> examples;
  for (const int64_t length : {9, 4, 12, task == "causal_lm" ? 2 : 1, 7, 5}) {
    const auto number = static_cast<int64_t>(examples.size());
    EncodedExample& example = examples.emplace_back(random_example(model, length, number));
    EncodedSequence& input = example.inputs.front();
    if (task == "causal_lm") continue;
    input.labels.clear();
    example.target = static_cast<double>(number % labels_of_classifiers);
    if (task != "seq2seq_lm") continue;
    EncodedSequence target = random_example(model, 1 + (length * 2) % 7, number, 12).inputs.front();
    target.ids.insert(target.ids.begin(), *model.info().decoder_start);
    target.labels.insert(target.labels.begin(), no_target);
    example.decoder_inputs.push_back(std::move(target));
  }
  return examples;
}

host::RunIdentity nobody() {
  std::promise<std::string> base;
  base.set_value("tiny");
  host::RunIdentity identity;
  identity.base = base.get_future().share();
  return identity;
}

// Whole steps of three examples twice.
host::TrainOptions train_options(int64_t steps) {
  host::TrainOptions options;
  options.batch_size = 3;
  options.accumulate = 2;
  options.steps = steps;
  options.learning_rate = 1e-2;
  options.weight_decay = 0.01;
  return options;
}

struct NamedValue {
  std::string name;
  at::Tensor value;
  bool trained = false;
};

std::vector<NamedValue> values_of(const Composed& composed) {
  std::vector<NamedValue> values;
  for (const MethodInstance* method : composed.methods()) {
    for (const MethodTensor& tensor : method->tensors)
      values.push_back({method->name + "/" + tensor.name, tensor.tensor.detach().clone(), tensor.trained});
  }
  for (const ParameterSite& site : composed.model->sites().parameters)
    values.push_back({"base/" + site.name, site.tensor.clone()});
  return values;
}

}  // namespace

Composed::Composed(const TinyFamily& family, const Composition& cases, at::ScalarType dtype, Sets layout,
                   FilesHead head)
    : model(make(family, dtype, head)),
      task(plugins_of_cases().task(family.task).create(family.task_options)),
      examples(some_examples(*model, family.task)) {
  task->check(*model);
  const auto put = [&](std::unique_ptr<Method> method, const std::string& plugin, const std::string& name) {
    if (sets.empty() || layout == Sets::one_each) sets.push_back(std::make_unique<AdapterSet>("default"));
    attach(*model, *sets.back(), std::move(method), plugin, name);
  };
  std::set<std::string> taken;
  for (const MethodCase* one : cases) {
    const MethodDescriptor& descriptor = plugins_of_cases().method(one->plugin);
    const std::string name = taken.insert(one->name).second ? one->name : one->name + "_again";
    put(descriptor.create(resolve_known_options(descriptor.options, one->options, one->name)), one->plugin,
        name);
  }
  if (std::unique_ptr<Method> of_task = task->head()) put(std::move(of_task), family.task, "head");
}

std::vector<MethodInstance*> Composed::methods() const {
  std::vector<MethodInstance*> all;
  for (const auto& set : sets) {
    for (MethodInstance& method : set->methods()) all.push_back(&method);
  }
  return all;
}

std::vector<ActiveSet> Composed::active() const {
  std::vector<ActiveSet> all;
  for (const auto& set : sets) all.emplace_back(set.get());
  return all;
}

at::Tensor Composed::loss(bool training) {
  const Batch batch = pack_all(examples);
  ForwardOptions options = forward_with(active());
  options.training = training;
  options.random = RandomStream(5);
  return task->loss({*model, batch, options, {}}).sum;
}

at::Tensor Composed::outputs(const std::vector<ActiveSet>& with) {
  const at::NoGradGuard no_grad;
  const Batch batch = pack_all(examples);
  Forward forward(*model, batch, forward_with(with));
  if (task->head() != nullptr) return sequence_scores(forward, *model);
  const at::Tensor hidden = model->hidden(forward).index_select(0, forward.real_rows());
  return forward.linear(*model->language_head(), hidden);
}

void perturb(Composed& composed) {
  const at::NoGradGuard no_grad;
  for (MethodInstance* method : composed.methods()) {
    for (MethodTensor& tensor : method->tensors) {
      if (!tensor.trained) continue;
      at::Tensor noise = tensor.tensor.detach().clone();
      fill_normal(noise, 0.0, 0.1, RandomStream(8).child(method->name).child(tensor.name));
      tensor.tensor.add_(noise);
    }
  }
}

void check_gradient(Composed& composed, MethodTensor& entry) {
  at::Tensor direction = entry.tensor.detach().clone();
  fill_normal(direction, 0.0, 1.0, RandomStream(9).child(entry.name));
  const double expected = (entry.tensor.grad() * direction).sum().item().toDouble();
  const auto difference = [&](double step) {
    const at::NoGradGuard no_grad;
    entry.tensor.add_(direction, step);
    const double above = composed.loss(true).item().toDouble();
    entry.tensor.sub_(direction, 2 * step);
    const double below = composed.loss(true).item().toDouble();
    entry.tensor.add_(direction, step);
    return (above - below) / (2 * step);
  };
  const auto wanted = Approx(expected).epsilon(1e-5).margin(1e-5);
  // A step may reach over the kink of a ReLU: a shorter one does not.
  const double found = difference(1e-5);
  CHECK((found == wanted ? found : difference(1e-7)) == wanted);
}

Training::Training(const TinyFamily& family, const Composition& cases, int64_t steps)
    : composed(family, cases, at::kFloat),
      trainer(*composed.model, *composed.sets.front(), *composed.task, composed.examples,
              train_options(steps)) {}

host::Checkpoint Training::checkpoint() {
  return host::make_checkpoint(nobody(), *composed.sets.front(), trainer.optimizer(), trainer.step(), "");
}

void Training::resume(const host::Checkpoint& from) {
  host::restore_set(from, *composed.sets.front());
  host::restore_optimizer(from, trainer.optimizer());
  trainer.resume_after(from.step);
}

void Training::advance_to(int64_t step) {
  while (trainer.step() < step) trainer.advance();
}

Trained check_training(const TinyFamily& family, const Composition& cases, int64_t steps) {
  Training run(family, cases, steps);
  const std::vector<NamedValue> start = values_of(run.composed);
  const double before = run.composed.loss(false).item().toDouble();
  run.advance_to(steps / 2);
  Training resumed(family, cases, steps);
  resumed.resume(run.checkpoint());
  run.advance_to(steps);
  resumed.advance_to(steps);
  CHECK(run.composed.loss(false).item().toDouble() < before);

  const std::vector<NamedValue> end = values_of(run.composed);
  const std::vector<NamedValue> end_of_resumed = values_of(resumed.composed);
  Trained trained{.saved = run.checkpoint(), .outputs = run.composed.outputs(run.composed.active())};
  for (size_t i = 0; i < start.size(); ++i) {
    INFO(start[i].name);
    CHECK(at::equal(end[i].value, end_of_resumed[i].value));
    const bool is_same = at::equal(end[i].value, start[i].value);
    if (start[i].trained && is_same) trained.unchanged.push_back(start[i].name);
    if (start[i].name.starts_with("base/")) CHECK(is_same);
  }
  return trained;
}

host::Checkpoint through_a_file(const host::Checkpoint& checkpoint) {
  const TemporaryFolder folder;
  return host::read_checkpoint(host::write_checkpoint(folder.path(), checkpoint, 1).path);
}

}  // namespace peft::test
