// Every method on every family with a head, alone; and a few in pairs: gradients, training, resuming.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>

#include <catch2/catch.hpp>
#include <future>
#include <set>

#include "checkpoint/commit.h"
#include "checkpoint/load.h"
#include "classifier.h"
#include "engine/run_checkpoint.h"
#include "peft/error.h"
#include "support/temporary_folder.h"
#include "train/trainer.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

constexpr int64_t steps = 6;

const std::vector<MethodCase>& cases() {
  static const std::vector<MethodCase> all = method_cases();
  return all;
}

// Why a method cannot be on an encoder: a part of the error.
std::string refusal(const std::string& family, const MethodCase& one) {
  if (family == "gpt2") return "";
  if (one.name == "lora_tokens_and_biases") return "head";  // a vocabulary projection
  return one.name == "freeze" ? "no norm behind its last block" : "";
}

// Of what is trained, against central differences along a random direction.
void check_gradients(const std::string& family, const Composition& composition, FilesHead head) {
  Classifier classifier(family, composition, at::kDouble, head);
  {
    const at::NoGradGuard no_grad;
    for (MethodInstance& method : classifier.set.methods()) {
      for (MethodTensor& tensor : method.tensors) {
        if (!tensor.trained) continue;
        at::Tensor noise = tensor.tensor.detach().clone();
        fill_normal(noise, 0.0, 0.1, RandomStream(8).child(method.name).child(tensor.name));
        tensor.tensor.add_(noise);
      }
    }
  }
  classifier.loss(true).backward();
  for (MethodInstance& method : classifier.set.methods()) {
    for (MethodTensor& entry : method.tensors) {
      INFO(method.name << ": " << entry.name);
      // A base's last layer, for which the head's own stands, takes no part.
      if (!entry.trained || !entry.tensor.grad().defined()) continue;
      at::Tensor direction = entry.tensor.detach().clone();
      fill_normal(direction, 0.0, 1.0, RandomStream(9).child(entry.name));
      const double expected = (entry.tensor.grad() * direction).sum().item().toDouble();
      const auto difference = [&](double step) {
        const at::NoGradGuard no_grad;
        entry.tensor.add_(direction, step);
        const double above = classifier.loss(true).item().toDouble();
        entry.tensor.sub_(direction, 2 * step);
        const double below = classifier.loss(true).item().toDouble();
        entry.tensor.add_(direction, step);
        return (above - below) / (2 * step);
      };
      const auto wanted = Approx(expected).epsilon(1e-5).margin(1e-5);
      const double found =
          difference(1e-5);  // a step may reach over the kink of a ReLU: a shorter one does not
      CHECK((found == wanted ? found : difference(1e-7)) == wanted);
    }
  }
}

host::RunIdentity nobody() {
  std::promise<std::string> base;
  base.set_value("tiny");
  host::RunIdentity identity;
  identity.base = base.get_future().share();
  return identity;
}

struct Training {
  Training(const std::string& family, const Composition& composition)
      : classifier(family, composition, at::kFloat),
        trainer(*classifier.model, classifier.set, *classifier.task, classifier.examples, options()) {}

  static host::TrainOptions options() {
    host::TrainOptions options;
    options.batch_size = 3;
    options.accumulate = 2;
    options.steps = steps;
    options.learning_rate = 1e-2;
    return options;
  }

  host::Checkpoint checkpoint() {
    return host::make_checkpoint(nobody(), classifier.set, trainer.optimizer(), trainer.step(), "");
  }

  void advance_to(int64_t step) {
    while (trainer.step() < step) trainer.advance();
  }

  Classifier classifier;
  host::Trainer trainer;
};

// Resumed it is the same run bit for bit; saved and loaded it gives the same scores.
void check_training(const std::string& family, const Composition& composition) {
  Training run(family, composition);
  const double before = run.classifier.loss(false).item().toDouble();
  run.advance_to(steps / 2);
  Training resumed(family, composition);
  const host::Checkpoint half = run.checkpoint();
  host::restore_set(half, resumed.classifier.set);
  host::restore_optimizer(half, resumed.trainer.optimizer());
  resumed.trainer.resume_after(half.step);
  run.advance_to(steps);
  resumed.advance_to(steps);
  CHECK(run.classifier.loss(false).item().toDouble() < before);
  const at::Tensor scores = run.classifier.scores({&run.classifier.set});
  CHECK(at::equal(scores, resumed.classifier.scores({&resumed.classifier.set})));

  const TemporaryFolder folder;
  const host::Checkpoint saved =
      host::read_checkpoint(host::write_checkpoint(folder.path(), run.checkpoint(), 1).path);
  Classifier loaded(family, composition, at::kFloat);
  CHECK_FALSE(at::equal(loaded.scores({&loaded.set}), scores));
  host::restore_set(saved, loaded.set);
  CHECK(at::equal(loaded.scores({&loaded.set}), scores));
}

void check(const std::string& family, const Composition& composition) {
  INFO(family << ": " << name_of(composition));
  for (const MethodCase* one : composition) {
    const std::string why_not = refusal(family, *one);
    if (why_not.empty()) continue;
    CHECK_THROWS_WITH(Classifier(family, composition, at::kFloat), Contains(why_not));
    return;
  }
  const auto is_exact = [](const MethodCase* one) { return one->has_own_gradients; };
  if (std::ranges::all_of(composition, is_exact)) {
    check_gradients(family, composition, FilesHead::there);
    check_gradients(family, composition, FilesHead::absent);
  }
  check_training(family, composition);
}

const MethodCase& method(const std::string& name) {
  return *std::ranges::find(cases(), name, &MethodCase::name);
}

}  // namespace

TEST_CASE("Every method trains a classifier of each family, or says why it cannot") {
  for (const std::string family : {"bert", "distilbert", "gpt2"}) {
    for (const MethodCase& one : cases()) check(family, {&one});
  }
}

TEST_CASE("Methods in pairs train a classifier, in either order, and the same one twice") {
  for (const std::string family : {"bert", "distilbert"}) {
    for (const char* first : {"lora", "prefix", "prompt", "ia3", "adapter_pfeiffer"}) {
      for (const char* second : {"lora", "prefix", "prompt", "ia3", "norms"})
        check(family, {&method(first), &method(second)});
    }
  }
}

TEST_CASE("A head the base has none of is trained whole, else its last layer alone") {
  const auto trained = [](const std::string& family, FilesHead head) {
    std::set<std::string> names;
    const Classifier classifier(family, {}, at::kFloat, head);
    for (const MethodTensor& tensor : classifier.set.methods().back().tensors) names.insert(tensor.name);
    return names;
  };
  using Names = std::set<std::string>;
  CHECK(trained("bert", FilesHead::there) == Names{"classifier.weight", "classifier.bias"});
  CHECK(trained("bert", FilesHead::absent) ==
        Names{"bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias"});
  CHECK(trained("distilbert", FilesHead::absent) ==
        Names{"pre_classifier.weight", "pre_classifier.bias", "classifier.weight", "classifier.bias"});
  CHECK(trained("gpt2", FilesHead::there) == Names{"score.weight"});
}
