// Every method with every other, and with itself under another name; and some triples. On a GPT-2, or on the
// family PEFT_FAMILY names.
#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "composed.h"
#include "engine/run_checkpoint.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

constexpr int64_t steps = 8;

const TinyFamily& family() {
  const char* name = std::getenv("PEFT_FAMILY");
  return tiny_family(name == nullptr ? "gpt2" : name);
}

const std::vector<MethodCase>& cases() {
  static const std::vector<MethodCase> all = method_cases(family());
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

double largest(const at::Tensor& difference) {
  return difference.abs().max().item().toDouble();
}

bool is_base_weight(const Composed& composed, const std::string& name) {
  return std::ranges::any_of(composed.model->sites().parameters, [&](const ParameterSite& site) {
    return site.name == name && site.role == ParameterRole::weight;
  });
}

void check_gradients(const Composition& composition) {
  Composed composed(family(), composition, at::kDouble);
  perturb(composed);
  composed.loss(true).backward();
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
      check_gradient(composed, entry);
    }
  }
}

// With each method in a set of its own, the saved tensors make the same model; and each takes part.
void check_loaded(const Composition& composition, const host::Checkpoint& saved, const at::Tensor& outputs) {
  Composed loaded(family(), composition, at::kFloat, Sets::one_each);
  host::restore_set(saved, loaded.methods());
  CHECK(at::equal(loaded.outputs(loaded.active()), outputs));
  for (size_t off = 0; off < composition.size(); ++off) {
    INFO("without " << loaded.sets[off]->methods().front().name);
    std::vector<ActiveSet> others = loaded.active();
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(off));
    CHECK(largest(loaded.outputs(others) - outputs) > 1e-4);
  }
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

void check(const Composition& composition) {
  INFO(name_of(composition));
  const std::string why_not = refusal(composition);
  if (!why_not.empty()) {
    CHECK_THROWS_WITH(Composed(family(), composition, at::kFloat), Contains(why_not));
    return;
  }
  int64_t expected = 0;
  for (const MethodCase* one : composition) expected += one->trained;
  CHECK(Composed(family(), composition, at::kFloat).sets.front()->trained_elements() == expected);
  check_gradients(composition);
  const Trained trained = check_training(family(), composition, steps);
  CHECK(trained.unchanged == std::vector<std::string>());
  const bool alone = composition.size() == 1;
  check_loaded(composition, alone ? through_a_file(trained.saved) : trained.saved, trained.outputs);
}

}  // namespace

TEST_CASE("A method alone trains, resumes, is saved and loaded, and does something") {
  for (const Composition& one : of_this_part(singles())) check(one);
}

TEST_CASE("Any two methods train together, in either order, and the same one twice") {
  for (const Composition& two : of_this_part(pairs())) check(two);
}

TEST_CASE("Three methods train together") {
  for (const Composition& three : of_this_part(triples())) check(three);
}
