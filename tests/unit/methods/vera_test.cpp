#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>

#include <tuple>

#include "method_fixture.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

const Value::Map everywhere = {
    {"rank", 7}, {"targets", texts({"attn.qkv", "attn.out", "mlp.in", "mlp.out"})}, {"dropout", 0.3}};
const Value::Map slices = {{"rank", 3}, {"targets", texts({"attn.q", "attn.v"})}};

Value::Map with_option(Value::Map options, const char* name, Value value) {
  options.emplace_back(name, std::move(value));
  return options;
}

}  // namespace

TEST_CASE("VeRA's gradients are those of finite differences") {
  for (const Value::Map& options : {everywhere, slices}) {
    MethodOnModel method("vera", options);
    randomize(method.set);
    const auto frozen = 2;  // the random matrices
    CHECK(method.check_gradients() == static_cast<int>(method.instance.tensors.size()) - frozen);
    CHECK_FALSE(method.tensor("A").grad().defined());
    CHECK_FALSE(method.tensor("B").grad().defined());
  }
}

TEST_CASE("VeRA starts as the base, and trains a rank and the outputs of each site") {
  MethodOnModel method("vera", everywhere);  // two layers, d = 12
  CHECK(method.set.trained_elements() == 2 * (4 * 7 + 36 + 12 + 48 + 12));
  CHECK(method.tensor("A").sizes() == at::IntArrayRef{7, 48});
  CHECK(method.tensor("B").sizes() == at::IntArrayRef{48, 7});
  CHECK(method.tensor("h.1.mlp.in.lambda_d").eq(0.1).all().item<bool>());
  CHECK(method.tensor("h.1.mlp.in.lambda_b").eq(0.0).all().item<bool>());
  CHECK(method.loss() == method.loss(/*active=*/false));
}

TEST_CASE("VeRA adds λ_b B λ_d A x, a site's A and B being the first of the shared ones") {
  MethodOnModel method("vera", everywhere);
  randomize(method.set);
  for (const auto& [site, in, out] : {std::tuple{"h.0.attn.qkv", 12, 36}, {"h.1.mlp.out", 48, 12}}) {
    const at::Tensor x = at::randn({22, in}, at::kDouble);
    const at::Tensor a = method.tensor("A").narrow(1, 0, in);
    const at::Tensor b = method.tensor("B").narrow(0, 0, out);
    const std::string name = site;
    const at::Tensor inner = x.matmul(a.t()) * method.tensor(name + ".lambda_d");
    const at::Tensor expected = inner.matmul(b.t()) * method.tensor(name + ".lambda_b");
    CHECK((method.change_at(name, x) - expected).abs().max().item<double>() < 1e-12);
  }
}

TEST_CASE("VeRA folded into weights is VeRA beside them") {
  for (const auto& [options, sites] : {std::pair{everywhere, 8}, {slices, 2}}) {
    MethodOnModel method("vera", options);
    randomize(method.set);
    CHECK(method.loss() != method.loss(/*active=*/false));
    CHECK(method.check_folds() == sites);
  }
}

TEST_CASE("VeRA's random matrices are those that PEFT draws of the same key") {
  // The first of A and the last of B, as peft.tuners.vera.model._kaiming_init makes them of (2, 12) and (12,
  // 2) from one generator.
  const auto check = [](int64_t key, const std::vector<double>& first, const std::vector<double>& last) {
    const MethodOnModel method("vera",
                               {{"rank", 2}, {"targets", texts({"attn.out"})}, {"projection_prng_key", key}});
    for (int64_t i = 0; i < 3; ++i) {
      CHECK(method.tensor("A").view({-1})[i].item<double>() == first[static_cast<size_t>(i)]);
      CHECK(method.tensor("B").view({-1})[24 - 3 + i].item<double>() == last[static_cast<size_t>(i)]);
    }
  };
  check(0, {-0x1.5af244p-8, 0x1.846d38p-2, -0x1.29f962p-1}, {-0x1.c92d5ap-1, 0x1.17c2d4p+0, 0x1.03fa4ep+0});
  check(7, {0x1.9495fep-5, -0x1.b42df8p-2, 0x1.cd2056p-3}, {0x1.97fba2p-3, -0x1.331ff4p-2, -0x1.c9e516p-3});
}

TEST_CASE("without save_projection VeRA keeps its scales alone, and computes the same") {
  const MethodOnModel kept("vera", everywhere);
  const MethodOnModel drawn("vera", with_option(everywhere, "save_projection", false));
  CHECK(drawn.instance.tensors.size() == kept.instance.tensors.size() - 2);
  const at::NoGradGuard no_grad;
  for (const MethodOnModel* method : {&kept, &drawn}) {
    for (const MethodTensor& entry : method->instance.tensors) {
      at::Tensor tensor = entry.tensor;
      if (entry.trained) fill_normal(tensor, 0.0, 0.3, RandomStream(9).child(entry.name));
    }
  }
  CHECK(kept.loss() == drawn.loss());
  CHECK(kept.loss() != kept.loss(/*active=*/false));
}

TEST_CASE("VeRA goes into a folder of PEFT's and comes back") {
  for (const bool save : {true, false}) {
    DYNAMIC_SECTION((save ? "with its random matrices" : "without them")) {
      const Value::Map options = with_option(everywhere, "save_projection", save);
      MethodOnModel method("vera", options);
      randomize(method.set);
      const PeftFolder folder =
          query<PeftFormat>(*method.instance.method)->to_peft(*method.model, method.instance);
      CHECK(folder.tensors.contains("base_model.vera_A") == save);
      MethodOnModel read("vera", options);
      const auto* format = query<PeftFormat>(*read.instance.method);
      format->from_peft(folder, *read.model, read.instance);
      CHECK(read.loss() == method.loss());

      MethodOnModel other("vera", with_option(everywhere, "save_projection", !save));
      CHECK_THROWS_WITH(
          query<PeftFormat>(*other.instance.method)->from_peft(folder, *other.model, other.instance),
          Contains("the adapter's 'save_projection'"));
    }
  }
}

TEST_CASE("of VeRA on a slice, PEFT's folder has zeros at a module's other outputs") {
  MethodOnModel method("vera", {{"rank", 3}, {"targets", texts({"attn.k"})}});
  randomize(method.set);
  const PeftFolder folder =
      query<PeftFormat>(*method.instance.method)->to_peft(*method.model, method.instance);
  const at::Tensor b = folder.tensors.at("base_model.model.transformer.h.1.attn.c_attn.vera_lambda_b");
  CHECK(at::equal(b.narrow(0, 12, 12), method.tensor("h.1.attn.k.lambda_b").detach()));
  CHECK(at::equal(b.narrow(0, 0, 12), at::zeros({12}, b.options())));
  CHECK(at::equal(b.narrow(0, 24, 12), at::zeros({12}, b.options())));

  MethodOnModel two("vera", slices);
  CHECK_THROWS_WITH(query<PeftFormat>(*two.instance.method)->to_peft(*two.model, two.instance),
                    Contains("several slices of h.0.attn.qkv"));
}
