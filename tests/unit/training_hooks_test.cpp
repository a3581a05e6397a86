// What a method may do in training beside having trained tensors: its penalty, and what it does after each
// update.
#include "peft/training_hooks.h"

#include <ATen/TensorOperators.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "peft/error.h"
#include "peft/method.h"
#include "support/tiny_gpt2.h"
#include "tasks/causal_lm/causal_lm.h"
#include "train/trainer.h"

using namespace peft;
using Catch::Matchers::Contains;

namespace {

// Stands at no site: its tensor gets a gradient of its penalty alone.
class Watching : public Method, public TrainingHooks {
 public:
  void attach(Attacher& attacher) override {
    weight = attacher.tensor("weight", {3}, init::ones());
    steps_seen = attacher.tensor("steps_seen", {1}, init::zeros(), {.trained = false});
  }
  void* query(std::string_view wanted) noexcept override {
    return wanted == TrainingHooks::id ? static_cast<TrainingHooks*>(this) : nullptr;
  }

  void begin(int64_t total_steps) override {
    if (total_steps < least_steps) throw UsageError("'least' is more than the run has steps");
    told = total_steps;
  }
  at::Tensor penalty() const override { return factor == 0.0 ? at::Tensor() : weight.sum() * factor; }
  void after_update(int64_t step) override {
    steps.push_back(step);
    gradients.push_back(weight.grad().defined() ? weight.grad().clone() : at::Tensor());
    values.push_back(weight.detach().clone());
    steps_seen.add_(1);
    norm = 0.0;
    for (const at::Tensor& tensor : all) {
      if (tensor.grad().defined()) norm = std::hypot(norm, tensor.grad().norm().item<double>());
    }
  }

  double factor = 0.5;
  int64_t least_steps = 0;
  at::Tensor weight;
  at::Tensor steps_seen;
  std::vector<at::Tensor> all;  // tensors of the set
  int64_t told = 0;
  std::vector<int64_t> steps;
  std::vector<at::Tensor> gradients;  // at each step, as they were after its update
  std::vector<at::Tensor> values;
  double norm = 0.0;  // of all gradients, at the last step
};

struct Training {
  explicit Training(bool is_watched = true, bool trainable = true) {
    test::attach(*model, set, "lora", {{"rank", 2}});
    if (!is_watched) return;
    MethodInstance& instance = set.methods().emplace_back();
    instance.name = "watching";
    instance.trainable = trainable;
    instance.method = std::make_unique<Watching>();
    watching = static_cast<Watching*>(instance.method.get());
    Attacher attacher(*model, set, instance, RandomStream(3), at::kDouble, nullptr);
    instance.method->attach(attacher);
  }

  host::Trainer trainer(int64_t tokens_per_microbatch = 0, double clip = 0.0) {
    return {*model,
            set,
            task,
            examples,
            {.batch_size = 3,
             .accumulate = 2,
             .tokens_per_microbatch = tokens_per_microbatch,
             .epochs = 2,
             .learning_rate = 1e-2,
             .schedule = host::ScheduleKind::constant,
             .clip = clip}};
  }

  std::unique_ptr<Model> model = test::make();
  AdapterSet set{"default"};
  causal_lm::CausalLm task;
  std::vector<EncodedExample> examples = [this] {
    std::vector<EncodedExample> all;
    for (const int64_t length : {5, 17, 2, 9, 30, 4, 12}) {
      all.push_back(test::random_example(*model, length, static_cast<int64_t>(all.size())));
    }
    return all;
  }();
  Watching* watching = nullptr;
};

}  // namespace

TEST_CASE("a penalty counts once a step, whatever the micro-batches, and is not in the loss") {
  Training alone(/*is_watched=*/false);
  const host::StepReport without = alone.trainer().advance();
  CHECK_FALSE(without.penalty.has_value());
  for (const int64_t budget : {0, 1, 20, 1000}) {
    INFO(budget << " tokens a micro-batch");
    Training training;
    const host::StepReport report = training.trainer(budget).advance();
    REQUIRE(report.penalty.has_value());
    CHECK(*report.penalty == Approx(1.5));
    CHECK(report.loss == Approx(without.loss).epsilon(1e-12));
    CHECK(report.gradient_norm ==
          Approx(std::hypot(without.gradient_norm, 0.5 * std::sqrt(3.0))).epsilon(1e-10));
    const at::Tensor& gradient = training.watching->gradients.at(0);
    REQUIRE(gradient.defined());
    CHECK(gradient.eq(0.5).all().item<bool>());
  }
}

TEST_CASE("no penalty is no number") {
  Training training;
  training.watching->factor = 0.0;
  CHECK_FALSE(training.trainer().advance().penalty.has_value());
  CHECK_FALSE(training.watching->gradients.at(0).defined());
}

TEST_CASE("after an update a method sees new values, and the clipped gradients they were made from") {
  Training training;
  for (const MethodInstance& method : training.set.methods()) {
    for (const MethodTensor& entry : method.tensors) training.watching->all.push_back(entry.tensor);
  }
  host::Trainer trainer = training.trainer(0, /*clip=*/0.01);
  const host::StepReport report = trainer.advance();
  REQUIRE(report.gradient_norm > 0.1);
  const Watching& watching = *training.watching;
  CHECK(watching.values.at(0).lt(1.0).all().item<bool>());
  CHECK(watching.norm == Approx(0.01).epsilon(1e-4));
  trainer.advance();
  CHECK(watching.steps == std::vector<int64_t>{1, 2});
  CHECK(watching.steps_seen.item<double>() == 2.0);  // untrained, and no optimiser's business
}

TEST_CASE("a method is told how many steps there are before the first, and may refuse them") {
  Training training;
  CHECK(training.trainer().total_steps() == 4);
  CHECK(training.watching->told == 4);
  training.watching->least_steps = 5;
  CHECK_THROWS_AS(training.trainer(), UsageError);
}

TEST_CASE("a method that is not trained takes no part in training") {
  Training training(true, /*trainable=*/false);
  training.watching->least_steps = 5;
  host::Trainer trainer = training.trainer();
  CHECK_FALSE(trainer.advance().penalty.has_value());
  CHECK(training.watching->told == 0);
  CHECK(training.watching->steps.empty());
}
