// Every method with every other, and with itself under another name; and some triples.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <future>

#include "checkpoint/commit.h"
#include "checkpoint/load.h"
#include "engine/run_checkpoint.h"
#include "method_cases.h"
#include "peft/error.h"
#include "peft/ops.h"
#include "support/temporary_folder.h"
#include "tasks/causal_lm/causal_lm.h"
#include "train/trainer.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

constexpr int64_t steps = 8;

const std::vector<MethodCase>& cases() {
  static const std::vector<MethodCase> all = method_cases();
  return all;
}

std::vector<Composition> singles() {
  std::vector<Composition> found;
  for (const MethodCase& one : cases()) found.push_back({&one});
  return found;
}

// Those the family can have.
std::vector<const MethodCase*> possible() {
  std::vector<const MethodCase*> found;
  for (const MethodCase& one : cases()) {
    if (one.refused.empty()) found.push_back(&one);
  }
  return found;
}

std::vector<Composition> pairs() {
  const auto all = possible();
  std::vector<Composition> found;
  for (size_t a = 0; a < all.size(); ++a) {
    for (size_t b = a; b < all.size(); ++b) {
      found.push_back({all[a], all[b]});
      if (a != b) found.push_back({all[b], all[a]});
    }
  }
  return found;
}

// Each method in three of them.
std::vector<Composition> triples() {
  const auto all = possible();
  std::vector<Composition> found;
  const size_t count = all.size();
  for (size_t i = 0; i < count; ++i) {
    found.push_back({all[i], all[(i + 1) % count], all[(i + count / 2) % count]});
  }
  return found;
}

bool holds(const Composition& composition, const std::string& name) {
  return std::ranges::any_of(composition, [&](const MethodCase* one) { return one->name == name; });
}

// CTest runs the pairs in parts, side by side: PEFT_PART=1/4 is the second of four.
std::vector<Composition> of_this_part(const std::vector<Composition>& all) {
  const char* part = std::getenv("PEFT_PART");
  const size_t number = part == nullptr ? 0 : std::strtoul(part, nullptr, 10);
  const size_t parts =
      part == nullptr
          ? 1
          : std::strtoul(std::string(part).substr(std::string(part).find('/') + 1).c_str(), nullptr, 10);
  std::vector<Composition> mine;
  const std::string wanted = wanted_case();
  for (size_t i = number; i < all.size(); i += parts) {
    if (wanted.empty() || holds(all[i], wanted)) mine.push_back(all[i]);
  }
  return mine;
}

std::vector<EncodedExample> some_examples(const Model& model) {
  std::vector<EncodedExample> examples;
  for (const int64_t length : {9, 4, 12, 2, 7, 5}) {
    examples.push_back(random_example(model, length, static_cast<int64_t>(examples.size())));
  }
  return examples;
}

// Of the real tokens, [N, vocabulary].
at::Tensor logits(Composed& composed, const std::vector<ActiveSet>& sets) {
  const at::NoGradGuard no_grad;
  const Batch batch = pack_all(some_examples(*composed.model));
  ForwardOptions options;
  options.sets = sets;
  Forward forward(*composed.model, batch, options);
  const at::Tensor hidden = composed.model->hidden(forward).index_select(0, forward.real_rows());
  return forward.linear(*composed.model->language_head(), hidden);
}

double largest(const at::Tensor& difference) {
  return difference.abs().max().item().toDouble();
}

at::Tensor loss(Composed& composed, bool training) {
  const Batch batch = pack_all(some_examples(*composed.model));
  ForwardOptions options;
  options.sets = composed.active();
  options.training = training;
  options.random = RandomStream(5);
  Forward forward(*composed.model, batch, options);
  return target_loss(forward, *composed.model->language_head(), composed.model->hidden(forward),
                     target_rows(forward));
}

// Tensors that start at zero hide each other's gradients.
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

bool is_base_weight(const Composed& composed, const std::string& name) {
  return std::ranges::any_of(composed.model->sites().parameters, [&](const ParameterSite& site) {
    return site.name == name && site.role == ParameterRole::weight;
  });
}

// Along a random direction of each trained tensor.
void check_gradients(const Composition& composition) {
  Composed composed(composition, at::kDouble, Sets::one);
  perturb(composed);
  loss(composed, true).backward();
  const std::vector<MethodInstance*> methods = composed.methods();
  const bool all_exact = std::ranges::all_of(composition, &MethodCase::has_own_gradients);
  for (size_t m = 0; m < methods.size(); ++m) {
    if (!composition[m]->has_own_gradients) continue;
    for (MethodTensor& entry : methods[m]->tensors) {
      // What another method detaches (DoRA its norm) is cut off from the base's weights too, where they
      // train.
      if (!entry.trained || (!all_exact && is_base_weight(composed, entry.name))) continue;
      INFO(methods[m]->name << ": " << entry.name);
      REQUIRE(entry.tensor.grad().defined());
      at::Tensor direction = entry.tensor.detach().clone();
      fill_normal(direction, 0.0, 1.0, RandomStream(9).child(entry.name));
      const double expected = (entry.tensor.grad() * direction).sum().item().toDouble();
      const auto difference = [&](double step) {
        const at::NoGradGuard no_grad;
        entry.tensor.add_(direction, step);
        const double above = loss(composed, true).item().toDouble();
        entry.tensor.sub_(direction, 2 * step);
        const double below = loss(composed, true).item().toDouble();
        entry.tensor.add_(direction, step);
        return (above - below) / (2 * step);
      };
      const auto wanted = Approx(expected).epsilon(1e-5).margin(1e-5);
      // A step may reach over the kink of a ReLU: a shorter one does not.
      const double found = difference(1e-5);
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
  explicit Training(const Composition& composition)
      : composed(composition, at::kFloat, Sets::one),
        examples(some_examples(*composed.model)),
        trainer(*composed.model, *composed.sets.front(), task, examples, options()) {}

  static host::TrainOptions options() {
    host::TrainOptions options;
    options.batch_size = 3;
    options.accumulate = 2;
    options.steps = steps;
    options.learning_rate = 1e-2;
    options.weight_decay = 0.01;
    return options;
  }

  host::Checkpoint checkpoint() {
    return host::make_checkpoint(nobody(), *composed.sets.front(), trainer.optimizer(), trainer.step(), "");
  }

  void resume(const host::Checkpoint& from) {
    host::restore_set(from, *composed.sets.front());
    host::restore_optimizer(from, trainer.optimizer());
    trainer.resume_after(from.step);
  }

  Composed composed;
  std::vector<EncodedExample> examples;
  causal_lm::CausalLm task;
  host::Trainer trainer;
};

void advance_to(host::Trainer& trainer, int64_t step) {
  while (trainer.step() < step) trainer.advance();
}

using Values = std::vector<std::pair<std::string, at::Tensor>>;

Values values_of(const Composed& composed) {
  Values values;
  for (const MethodInstance* method : composed.methods()) {
    for (const MethodTensor& tensor : method->tensors) {
      values.emplace_back(method->name + "/" + tensor.name, tensor.tensor.detach().clone());
    }
  }
  return values;
}

void check_equal(const Values& a, const Values& b) {
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    INFO(a[i].first);
    CHECK(at::equal(a[i].second, b[i].second));
  }
}

void check_changed(const Composed& composed, const Values& before) {
  size_t i = 0;
  for (const MethodInstance* method : composed.methods()) {
    for (const MethodTensor& tensor : method->tensors) {
      INFO(before[i].first);
      if (tensor.trained) CHECK_FALSE(at::equal(tensor.tensor.detach(), before[i].second));
      ++i;
    }
  }
}

// With each method in a set of its own, the saved tensors make the same model; and each takes part.
void check_loaded(const Composition& composition, const host::Checkpoint& saved, const at::Tensor& trained) {
  Composed loaded(composition, at::kFloat, Sets::one_each);
  host::restore_set(saved, loaded.methods());
  CHECK(at::equal(logits(loaded, loaded.active()), trained));
  for (size_t off = 0; off < composition.size(); ++off) {
    INFO("without " << loaded.sets[off]->methods().front().name);
    std::vector<ActiveSet> others = loaded.active();
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(off));
    CHECK(largest(logits(loaded, others) - trained) > 1e-4);
  }
}

void check_training(const Composition& composition, bool through_a_file) {
  Training run(composition);
  const Values start = values_of(run.composed);
  const double before = loss(run.composed, false).item().toDouble();
  advance_to(run.trainer, steps / 2);

  Training resumed(composition);
  resumed.resume(run.checkpoint());
  advance_to(run.trainer, steps);
  advance_to(resumed.trainer, steps);
  check_equal(values_of(run.composed), values_of(resumed.composed));
  check_changed(run.composed, start);
  CHECK(loss(run.composed, false).item().toDouble() < before);

  host::Checkpoint saved = run.checkpoint();
  const TemporaryFolder folder;
  if (through_a_file) saved = host::read_checkpoint(host::write_checkpoint(folder.path(), saved, 1).path);
  check_loaded(composition, saved, logits(run.composed, run.composed.active()));
}

// What the cases say of themselves and of each other.
std::string refusal(const Composition& composition) {
  for (const MethodCase* one : composition) {
    if (!one->refused.empty()) return one->refused;
    for (const MethodCase* other : composition) {
      const auto found = one->not_with.find(other->name);
      if (one != other && found != one->not_with.end()) return found->second;
    }
  }
  return "";
}

void check(const Composition& composition, bool through_a_file = false) {
  INFO(name_of(composition));
  const std::string why_not = refusal(composition);
  if (!why_not.empty()) {
    CHECK_THROWS_WITH(Composed(composition, at::kFloat, Sets::one), Contains(why_not));
    return;
  }
  int64_t expected = 0;
  for (const MethodCase* one : composition) expected += one->trained;
  CHECK(Composed(composition, at::kFloat, Sets::one).sets.front()->trained_elements() == expected);
  check_gradients(composition);
  check_training(composition, through_a_file);
}

}  // namespace

TEST_CASE("A method alone trains, resumes, is saved and loaded, and does something") {
  for (const Composition& one : of_this_part(singles())) check(one, /*through_a_file=*/true);
}

TEST_CASE("Any two methods train together, in either order, and the same one twice") {
  for (const Composition& two : of_this_part(pairs())) check(two);
}

TEST_CASE("Three methods train together") {
  for (const Composition& three : of_this_part(triples())) check(three);
}
