// Gradients against finite differences.
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "support/tiny_gpt2.h"

namespace peft::test {

// Compares the gradient of every trained tensor of the set whose name is `wanted` with central differences:
// some elements, and all of them together along a random direction. Returns how many tensors there were.
inline int check_gradients(
    AdapterSet& set, const std::function<at::Tensor()>& loss,
    const std::function<bool(const std::string&)>& wanted = [](const std::string&) { return true; }) {
  for (MethodInstance& method : set.methods()) {
    for (MethodTensor& entry : method.tensors) entry.tensor.mutable_grad() = at::Tensor();
  }
  loss().backward();
  const double step = 1e-5;
  int tensors = 0;
  for (MethodInstance& method : set.methods()) {
    for (MethodTensor& entry : method.tensors) {
      INFO(method.name << ": " << entry.name);
      at::Tensor& tensor = entry.tensor;
      if (!entry.trained || !wanted(entry.name)) continue;
      REQUIRE(tensor.grad().defined());
      const at::Tensor gradient = tensor.grad().clone();
      ++tensors;
      const auto difference = [&](const at::Tensor& direction) {
        const at::NoGradGuard no_grad;
        tensor.add_(direction, step);
        const double above = loss().item().toDouble();
        tensor.sub_(direction, 2 * step);
        const double below = loss().item().toDouble();
        tensor.add_(direction, step);
        return (above - below) / (2 * step);
      };
      at::Tensor direction = tensor.detach().clone();
      fill_normal(direction, 0.0, 1.0, RandomStream(5).child(entry.name));
      CHECK(difference(direction) ==
            Approx((gradient * direction).sum().item().toDouble()).epsilon(1e-6).margin(1e-6));
      for (const uint64_t draw : {0, 1, 2}) {
        const auto element = static_cast<int64_t>(
            RandomStream(6).child(entry.name).below(draw, static_cast<uint64_t>(tensor.numel())));
        direction.zero_();
        direction.view({-1})[element] = 1.0;
        CHECK(difference(direction) ==
              Approx(gradient.view({-1})[element].item().toDouble()).epsilon(1e-6).margin(1e-6));
      }
    }
  }
  return tensors;
}

}  // namespace peft::test
