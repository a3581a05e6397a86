// A loss and its gradients by some kernels, and whether they are as close to the truth as by plain ones.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "forward_fixture.h"
#include "kernel_choices.h"

namespace peft::test {

inline std::vector<EncodedExample> examples_of(const Model& model, const std::vector<int64_t>& lengths) {
  std::vector<EncodedExample> examples;
  for (const int64_t length : lengths)
    examples.push_back(random_example(model, length, static_cast<int64_t>(examples.size())));
  return examples;
}

struct Outcome {
  double loss = 0.0;
  std::map<std::string, at::Tensor> gradients;
};

inline Outcome outcome_of(Model& model, AdapterSet& set, const std::vector<EncodedExample>& examples,
                          const std::string& kernels) {
  const Kernels chosen(kernels);
  const at::Tensor loss = loss_of(model, examples, with({&set}, /*training=*/true));
  loss.backward();
  Outcome outcome{.loss = loss.item().toDouble(), .gradients = {}};
  for (MethodInstance& method : set.methods()) {
    for (MethodTensor& entry : method.tensors) {
      if (entry.tensor.grad().defined())
        outcome.gradients[method.name + "/" + entry.name] = entry.tensor.grad().to(at::kDouble);
      entry.tensor.mutable_grad() = at::Tensor();
    }
  }
  return outcome;
}

// Nearly as close to the truth, in float64, as the plain operations are.
inline void compare(const Outcome& found, const Outcome& plain, const Outcome& truth, double tolerance) {
  CHECK(found.loss == Approx(truth.loss).epsilon(tolerance));
  REQUIRE(found.gradients.size() == truth.gradients.size());
  for (const auto& [name, gradient] : truth.gradients) {
    INFO(name);
    REQUIRE(found.gradients.count(name) == 1);
    const double of_plain = relative_distance(plain.gradients.at(name), gradient);
    CHECK(relative_distance(found.gradients.at(name), gradient) < std::max(tolerance, 3 * of_plain));
  }
}

}  // namespace peft::test
