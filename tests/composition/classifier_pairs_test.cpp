// Every method on every family with a head, alone; and a few in pairs: gradients, training, resuming.
#include <ATen/ops/equal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "composed.h"
#include "engine/run_checkpoint.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

constexpr int64_t steps = 6;

const std::vector<MethodCase>& cases() {
  static const std::vector<MethodCase> all = method_cases(tiny_family("gpt2"));
  return all;
}

const TinyFamily& classifier(const std::string& family) {
  return tiny_family(family, "classification");
}

// Why a method cannot be on an encoder: a part of the error.
std::string refusal(const std::string& family, const MethodCase& one) {
  if (family == "gpt2") return "";
  if (one.name == "lora_tokens_and_biases") return "head";  // a vocabulary projection
  return one.name == "freeze" ? "no norm behind its last block" : "";
}

void check_gradients(const std::string& family, const Composition& composition, FilesHead head) {
  Composed composed(classifier(family), composition, at::kDouble, Sets::one, head);
  perturb(composed);
  composed.loss(true).backward();
  for (MethodInstance* method : composed.methods()) {
    for (MethodTensor& entry : method->tensors) {
      INFO(method->name << ": " << entry.name);
      // A base's last layer, for which the head's own stands, takes no part.
      if (entry.trained && entry.tensor.grad().defined()) check_gradient(composed, entry);
    }
  }
}

// Saved and loaded it gives the same scores.
void check_loaded(const TinyFamily& family, const Composition& composition, const Trained& trained) {
  Composed loaded(family, composition, at::kFloat);
  CHECK_FALSE(at::equal(loaded.outputs(loaded.active()), trained.outputs));
  host::restore_set(through_a_file(trained.saved), loaded.methods());
  CHECK(at::equal(loaded.outputs(loaded.active()), trained.outputs));
}

void check(const std::string& family, const Composition& composition) {
  INFO(family << ": " << name_of(composition));
  for (const MethodCase* one : composition) {
    const std::string why_not = refusal(family, *one);
    if (why_not.empty()) continue;
    CHECK_THROWS_WITH(Composed(classifier(family), composition, at::kFloat), Contains(why_not));
    return;
  }
  const auto is_exact = [](const MethodCase* one) { return one->has_own_gradients; };
  if (std::ranges::all_of(composition, is_exact)) {
    check_gradients(family, composition, FilesHead::there);
    check_gradients(family, composition, FilesHead::absent);
  }
  check_loaded(classifier(family), composition, check_training(classifier(family), composition, steps));
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
    const Composed composed(classifier(family), {}, at::kFloat, Sets::one, head);
    for (const MethodTensor& tensor : composed.methods().back()->tensors) names.insert(tensor.name);
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
