#include "projections.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <cmath>

namespace peft::vera {

Projections draw_projections(int64_t rank, int64_t in, int64_t out, int64_t key) {
  const at::NoGradGuard no_grad;
  const at::Generator generator = at::detail::createCPUGenerator(static_cast<uint64_t>(key));
  const auto draw = [&](int64_t rows, int64_t columns) {
    // Gain √2 and bound √3 · std, rounded where PEFT rounds.
    const double bound = std::sqrt(3.0) * (std::sqrt(2.0) / std::sqrt(static_cast<double>(columns)));
    return at::empty({rows, columns}, at::kFloat).uniform_(-bound, bound, generator);
  };
  const at::Tensor a = draw(rank, in);
  return {.a = a, .b = draw(out, rank)};
}

}  // namespace peft::vera
