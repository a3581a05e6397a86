// Every method as it is by default, on every family.
#include <ATen/ops/equal.h>

#include <catch2/catch.hpp>
#include <map>
#include <utility>

#include "composed.h"
#include "engine/run_checkpoint.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

const std::vector<std::string>& methods() {
  static const std::vector<std::string> names = {"lora",    "prefix", "prompt", "p_tuning",
                                                 "adapter", "ia3",    "vera",   "adalora",
                                                 "bitfit",  "norms",  "full",   "freeze"};
  return names;
}

// Method and family: a part of the error that says why they cannot meet.
const std::map<std::pair<std::string, std::string>, std::string>& refusals() {
  static const std::map<std::pair<std::string, std::string>, std::string> all = {
      {{"bitfit", "llama"}, "names no bias of the model 'llama'"},
      {{"bitfit", "t5"}, "names no bias of the model 't5'"}};
  return all;
}

// AdaLoRA's twelve ranks are more than a tiny model is wide.
Value options_of(const std::string& method) {
  return method == "adalora" ? Value::Map{{"init_r", 6}, {"target_r", 4}} : Value::Map{};
}

void check(const TinyFamily& family, const std::string& method) {
  INFO(title_of(family) << ": " << method);
  const MethodCase one{.name = method, .plugin = method, .options = options_of(method)};
  const auto why_not = refusals().find({method, family.name});
  if (why_not != refusals().end()) {
    CHECK_THROWS_WITH(Composed(family, {&one}, at::kFloat), Contains(why_not->second));
    return;
  }
  const Trained trained = check_training(family, {&one}, /*steps=*/3);
  CHECK(trained.unchanged == std::vector<std::string>());
  Composed loaded(family, {&one}, at::kFloat, Sets::one_each);
  CHECK_FALSE(at::equal(loaded.outputs(loaded.active()), trained.outputs));
  host::restore_set(through_a_file(trained.saved), loaded.methods());
  CHECK(at::equal(loaded.outputs(loaded.active()), trained.outputs));
}

}  // namespace

TEST_CASE(
    "Every method trains every family by its default options, resumed and loaded too, or says why not") {
  for (const TinyFamily& family : tiny_families()) {
    for (const std::string& method : methods()) check(family, method);
  }
}
