#include "initial_values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_svd.h>

#include <charconv>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "peft/error.h"
#include "peft/names.h"

namespace peft::lora {
namespace {

struct Factors {
  at::Tensor a;
  at::Tensor b;
};
using Factorise = std::function<Factors(const at::Tensor& weight, const RandomStream& stream)>;

// W ≈ U diag(S) V
struct Svd {
  at::Tensor u;
  at::Tensor s;
  at::Tensor v;
};

Svd exact_svd(const at::Tensor& weight) {
  auto [u, s, v] = at::linalg_svd(weight, /*full_matrices=*/false);
  return {u, s, v};
}

at::Tensor orthonormal(const at::Tensor& columns) {
  return std::get<0>(at::linalg_qr(columns));
}

// The first `rank` singular values and vectors, nearly: algorithm 5.1 of Halko et al. 2009, arXiv:0909.4061,
// on a basis found by subspace iteration (4.4).
Svd approximate_svd(const at::Tensor& weight, int64_t rank, int64_t iterations, const RandomStream& stream) {
  if (weight.size(0) < weight.size(1)) {
    const Svd transposed = approximate_svd(weight.t(), rank, iterations, stream);
    return {transposed.v.t(), transposed.s, transposed.u.t()};
  }
  at::Tensor start = at::empty({weight.size(1), rank}, weight.options());
  fill_normal(start, 0.0, 1.0, stream);
  at::Tensor basis = orthonormal(weight.matmul(start));
  for (int64_t i = 0; i < iterations; ++i) {
    basis = orthonormal(weight.matmul(orthonormal(weight.t().matmul(basis))));
  }
  const Svd inner = exact_svd(basis.t().matmul(weight));
  return {basis.matmul(inner.u), inner.s, inner.v};
}

// PiSSA (Meng et al. 2024, arXiv:2404.02948): the principal components, halved between A and B.
Factors principal(const Svd& svd, int64_t rank, double scale) {
  const at::Tensor root = (svd.s.narrow(0, 0, rank) / scale).sqrt();
  return {root.unsqueeze(1) * svd.v.narrow(0, 0, rank), svd.u.narrow(1, 0, rank) * root};
}

// OLoRA (Büyükakyüz 2024, arXiv:2406.01775): the first columns of Q and rows of R.
Factors orthogonal(const at::Tensor& weight, int64_t rank) {
  const auto [q, r] = at::linalg_qr(weight);
  return {r.narrow(0, 0, rank), q.narrow(1, 0, rank)};
}

// The N of "pissa_niter_N".
std::optional<int64_t> iterations_of(std::string_view init) {
  constexpr std::string_view stem = "pissa_niter_";
  if (!init.starts_with(stem)) return {};
  int64_t iterations = -1;
  const char* end = init.data() + init.size();
  const auto [stopped, error] = std::from_chars(init.data() + stem.size(), end, iterations);
  if (error != std::errc() || stopped != end || iterations < 0) return {};
  return iterations;
}

InitialValues out_of_weight(std::function<at::Tensor()> weight, Factorise factorise) {
  const auto found = std::make_shared<Factors>();
  return {.a =
              [=](at::Tensor& a, const RandomStream& stream) {
                *found = factorise(weight().to(a.scalar_type()), stream);
                a.copy_(found->a);
              },
          .b = init::copy_of([found] { return found->b; }),
          .out_of_weight = true};
}

}  // namespace

InitialValues initial_values(const std::string& init, int64_t rank, double scale,
                             std::function<at::Tensor()> weight) {
  if (init == "kaiming") return {.a = init::kaiming_uniform(), .b = init::zeros()};
  if (init == "gaussian") {
    return {.a = init::normal(1.0 / static_cast<double>(rank)), .b = init::zeros()};
  }
  if (init == "olora") {
    return out_of_weight(std::move(weight),
                         [rank](const at::Tensor& w, const RandomStream&) { return orthogonal(w, rank); });
  }
  const std::optional<int64_t> iterations = iterations_of(init);
  if (init == "pissa" || iterations) {
    return out_of_weight(std::move(weight), [=](const at::Tensor& w, const RandomStream& stream) {
      return principal(iterations ? approximate_svd(w, rank, *iterations, stream) : exact_svd(w), rank,
                       scale);
    });
  }
  throw UsageError("'init': found '" + init +
                   "', expected kaiming, gaussian, pissa, pissa_niter_N with a whole number N, or olora" +
                   did_you_mean(init, {"kaiming", "gaussian", "pissa", "pissa_niter_16", "olora"}));
}

}  // namespace peft::lora
