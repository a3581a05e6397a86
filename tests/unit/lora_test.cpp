// LoRA and its variants: how they start, their gradients, and what each target gets.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_svdvals.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <string>
#include <tuple>

#include "forward_fixture.h"
#include "gradient_check.h"
#include "peft/error.h"

using namespace peft;
using namespace peft::test;

namespace {

using TensorMap = std::map<std::string, MethodTensor*>;

TensorMap tensors_of(AdapterSet& set) {
  TensorMap tensors;
  for (MethodInstance& method : set.methods()) {
    for (MethodTensor& tensor : method.tensors) tensors[tensor.name] = &tensor;
  }
  return tensors;
}

at::Tensor value(const TensorMap& tensors, const std::string& name) {
  return tensors.at(name)->tensor.detach();
}

double largest(const at::Tensor& tensor) {
  return tensor.abs().max().item().toDouble();
}

// [out, in] of a target by its name; of the token embeddings [d, vocabulary].
at::Tensor weight_of(Model& model, const std::string& target) {
  const WeightTargets found = model.sites().weight_targets({target});
  if (!found.embeddings.empty()) return found.embeddings.front()->weight->tensor.t();
  const LinearTarget& linear = found.linears.front();
  return weight_out_in(*linear.site).narrow(0, linear.begin, linear.size);
}

// ‖W + s (B A - B0 A0)‖ by rows, of every DoRA by its target's name; s with the default alpha.
std::map<std::string, at::Tensor> norms_of(Model& model, AdapterSet& set) {
  const TensorMap tensors = tensors_of(set);
  std::map<std::string, at::Tensor> norms;
  const std::string magnitude = ".magnitude";
  for (const auto& [name, tensor] : tensors) {
    if (!name.ends_with(magnitude)) continue;
    const std::string target = name.substr(0, name.size() - magnitude.size());
    const at::Tensor a = value(tensors, target + ".A");
    at::Tensor change = value(tensors, target + ".B").matmul(a);
    if (tensors.contains(target + ".A0")) {
      change -= value(tensors, target + ".B0").matmul(value(tensors, target + ".A0"));
    }
    const double scale = 8.0 / static_cast<double>(a.size(0));
    norms[name] = (weight_of(model, target) + scale * change).norm(2, 1);
  }
  return norms;
}

void check_refused(const Value::Map& options, const std::vector<std::string>& messages) {
  const auto model = make();
  AdapterSet set("default");
  std::string said = "nothing";
  try {
    attach(*model, set, "lora", options);
  } catch (const UsageError& error) {
    said = error.what();
  }
  INFO(said);
  for (const std::string& message : messages) CHECK_THAT(said, Catch::Matchers::Contains(message));
}

}  // namespace

TEST_CASE("whatever A and B start with, the model starts as it was") {
  const std::vector<Value> targets = {texts({"attn.qkv", "mlp.out"}), texts({"attn.q", "attn.v"}),
                                      texts({"embed.tokens", "head"})};
  for (const char* init : {"kaiming", "gaussian", "pissa", "pissa_niter_3", "olora"}) {
    for (const bool dora : {false, true}) {
      for (const Value& chosen : targets) {
        INFO(init << (dora ? ", dora" : "") << ", " << chosen.as_list().front().as_text());
        const auto model = make();
        AdapterSet set("default");
        attach(*model, set, "lora",
               {{"rank", 3}, {"init", init}, {"use_dora", dora}, {"bias", "all"}, {"targets", chosen}});
        const auto examples = some_examples(*model);
        CHECK(loss_of(*model, examples, with({&set})).item().toDouble() ==
              Approx(loss_of(*model, examples, with({})).item().toDouble()).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("A starts uniform within 1/√in, or normal by 1/rank, and B at zero") {
  for (const auto& [init, largest_of_all, deviation] :
       {std::tuple{"kaiming", 1.0 / std::sqrt(48.0), 1.0 / std::sqrt(3.0 * 48.0)},
        {"gaussian", 5.0 / 8, 1.0 / 8}}) {
    INFO(init);
    const auto model = make();
    AdapterSet set("default");
    attach(*model, set, "lora", {{"rank", 8}, {"init", init}, {"targets", texts({"mlp.out"})}});
    const TensorMap tensors = tensors_of(set);
    const at::Tensor a = value(tensors, "h.1.mlp.out.A");
    CHECK(a.std().item().toDouble() == Approx(deviation).epsilon(0.1));
    CHECK(largest(a) <= largest_of_all);
    CHECK(largest(a) > 0.9 * deviation * std::sqrt(3.0));
    CHECK(largest(value(tensors, "h.1.mlp.out.B")) == 0.0);
  }
}

TEST_CASE("PiSSA starts with the principal components, halved between A and B") {
  const auto model = make();
  AdapterSet set("default");
  attach(*model, set, "lora", {{"rank", 4}, {"alpha", 6}, {"init", "pissa"}, {"targets", texts({"mlp.in"})}});
  const TensorMap tensors = tensors_of(set);
  const at::Tensor a = value(tensors, "h.0.mlp.in.A");
  const at::Tensor b = value(tensors, "h.0.mlp.in.B");
  const at::Tensor weight = weight_of(*model, "h.0.mlp.in");
  const at::Tensor s = at::linalg_svdvals(weight);
  // No matrix of rank 4 is nearer (Eckart and Young 1936).
  CHECK((weight - 1.5 * b.matmul(a)).norm().item().toDouble() ==
        Approx(s.narrow(0, 4, s.size(0) - 4).norm().item().toDouble()).epsilon(1e-10));
  const at::Tensor halves = s.narrow(0, 0, 4).div(1.5).diag();
  CHECK(largest(a.matmul(a.t()) - halves) < 1e-10);
  CHECK(largest(b.t().matmul(b) - halves) < 1e-10);
  CHECK(largest(a - value(tensors, "h.0.mlp.in.A0")) == 0.0);
  CHECK(largest(b - value(tensors, "h.0.mlp.in.B0")) == 0.0);
  CHECK_FALSE(tensors.at("h.0.mlp.in.A0")->trained);
}

TEST_CASE("PiSSA by subspace iteration comes to the same components, on wide and on tall weights") {
  for (const char* target : {"h.0.mlp.in", "h.0.mlp.out", "h.1.attn.k"}) {
    INFO(target);
    std::vector<at::Tensor> products;
    for (const char* init : {"pissa", "pissa_niter_400"}) {
      const auto model = make();
      AdapterSet set("default");
      attach(*model, set, "lora", {{"rank", 3}, {"init", init}, {"targets", texts({target})}});
      const TensorMap tensors = tensors_of(set);
      products.push_back(
          value(tensors, std::string(target) + ".B").matmul(value(tensors, std::string(target) + ".A")));
    }
    CHECK(largest(products[0] - products[1]) < 1e-8);
  }
}

TEST_CASE("OLoRA starts with the first columns of Q and rows of R") {
  const auto model = make();
  AdapterSet set("default");
  attach(*model, set, "lora", {{"rank", 3}, {"init", "olora"}, {"targets", texts({"attn.qkv"})}});
  const TensorMap tensors = tensors_of(set);
  const at::Tensor a = value(tensors, "h.1.attn.qkv.A");
  const at::Tensor b = value(tensors, "h.1.attn.qkv.B");
  CHECK(largest(b.t().matmul(b) - at::eye(3, b.options())) < 1e-12);
  CHECK(largest(a.tril(-1)) == 0.0);
  const at::Tensor first = weight_of(*model, "h.1.attn.qkv").narrow(1, 0, 3);
  CHECK(largest(b.matmul(a).narrow(1, 0, 3) - first) < 1e-12);
}

TEST_CASE("DoRA's gradients are those of finite differences in which its norms are held") {
  for (const Attachments& kind : every_kind()) {
    if (!kind.holds_norms) continue;
    DYNAMIC_SECTION(kind.what) {
      AttachedModel attached(kind);
      AdapterSet& set = attached.set;
      Model& model = *attached.model;
      const auto examples = some_examples(model);
      const auto loss = [&] { return loss_of(model, examples, with({&set}, /*training=*/true)); };
      const auto is_magnitude = [](const std::string& name) { return name.ends_with(".magnitude"); };
      int checked = check_gradients(set, loss, is_magnitude);

      // m / ‖·‖ stays what it is wherever A and B go, if m goes with the norm.
      const TensorMap tensors = tensors_of(set);
      std::map<std::string, at::Tensor> ratios;
      for (const auto& [name, norm] : norms_of(model, set)) ratios[name] = value(tensors, name) / norm;
      REQUIRE(!ratios.empty());
      const auto held = [&] {
        const at::NoGradGuard no_grad;
        for (const auto& [name, norm] : norms_of(model, set)) {
          at::Tensor magnitude = tensors.at(name)->tensor;
          magnitude.copy_(ratios.at(name) * norm);
        }
      };
      checked += check_gradients(
          set,
          [&] {
            held();
            return loss();
          },
          [&](const std::string& name) { return !is_magnitude(name); });
      CHECK(checked == kind.tensors);
    }
  }
}

TEST_CASE("in training DoRA's share of the base sees what dropout leaves, as in HF PEFT") {
  for (const char* init : {"kaiming", "pissa"}) {
    INFO(init);
    const auto model = make();
    AdapterSet set("default");
    attach(*model, set, "lora", {{"rank", 2}, {"use_dora", true}, {"dropout", 0.4}, {"init", init}});
    randomize(set);
    const TensorMap tensors = tensors_of(set);
    const auto of = [&](const char* name) { return value(tensors, std::string("h.0.attn.qkv.") + name); };
    LinearSite& site = *model->sites().linear_targets({"h.0.attn.qkv"}).front().site;
    const Batch batch = pack_all(some_examples(*model));
    Forward forward(*model, batch, with({&set}, /*training=*/true));
    const at::Tensor x = model->sites().parameter("transformer.wte.weight").tensor.narrow(0, 0, 17);
    const at::Tensor dropped = forward.dropout(x, 0.4, "lora/h.0.attn.qkv", forward.rows());
    REQUIRE(largest(dropped - x) > 0.0);

    at::Tensor base = weight_out_in(site);
    if (tensors.contains("h.0.attn.qkv.A0")) base = base - 4.0 * of("B0").matmul(of("A0"));
    const at::Tensor change = 4.0 * of("B").matmul(of("A"));
    const at::Tensor ratio = of("magnitude") / (base + change).norm(2, 1);
    const at::Tensor expected = x.matmul(base.t()) + site.bias->tensor +
                                (ratio - 1.0) * dropped.matmul(base.t()) + ratio * dropped.matmul(change.t());
    CHECK(largest(forward.linear(site, x) - expected) < 1e-12);
  }
}

TEST_CASE("each target has the rank and the alpha that its role or a glob on its name gives it") {
  const auto model = make();
  AdapterSet set("default");
  attach(*model, set, "lora",
         {{"rank", 2},
          {"targets", texts({"attn.q", "attn.v", "mlp.in", "embed.tokens"})},
          {"rank_pattern", Value::Map{{"attn.v", 5}, {"h.1.mlp.*", 3}, {"embed.tokens", 4}}}});
  const TensorMap tensors = tensors_of(set);
  const auto rank = [&](const std::string& target) { return value(tensors, target + ".A").size(0); };
  CHECK(rank("h.0.attn.q") == 2);
  CHECK(rank("h.1.attn.v") == 5);
  CHECK(rank("h.0.mlp.in") == 2);
  CHECK(rank("h.1.mlp.in") == 3);
  CHECK(rank("wte") == 4);
}

TEST_CASE("an alpha of its own doubles an update as a doubled B does") {
  const auto loss_with = [](const Value::Map& options, double factor) {
    const auto model = make();
    AdapterSet set("default");
    attach(*model, set, "lora", options);
    randomize(set);
    const at::NoGradGuard no_grad;
    tensors_of(set).at("h.1.attn.qkv.B")->tensor.mul_(factor);
    return loss_of(*model, some_examples(*model), with({&set})).item().toDouble();
  };
  const Value::Map one = {{"rank", 2}, {"alpha", 3}};
  Value::Map patterned = one;
  patterned.emplace_back("alpha_pattern", Value::Map{{"h.1.*.*", 6}});
  CHECK(loss_with(patterned, 1.0) == Approx(loss_with(one, 2.0)).epsilon(1e-12));
  CHECK(loss_with(patterned, 1.0) != Approx(loss_with(one, 1.0)).epsilon(1e-6));
}

TEST_CASE("what is trained is counted, and nothing else") {
  // Two layers, 12 wide; a vocabulary of 23; rank 2.
  const int64_t q = 2 * 2 * (12 + 12);
  const int64_t all_biases = 2 * (36 + 12 + 48 + 12 + 2 * 12) + 12;
  const std::vector<std::pair<Value::Map, int64_t>> cases = {
      {{}, q},
      {{{"use_dora", true}}, q + 2 * 12},
      {{{"init", "pissa"}}, q},
      {{{"init", "olora"}, {"use_dora", true}}, q + 2 * 12},
      {{{"bias", "lora_only"}}, q + 2 * 12},
      {{{"bias", "all"}}, q + all_biases},
      {{{"targets", texts({"attn.q", "embed.tokens"})}}, q + 2 * (23 + 12)},
      {{{"targets", texts({"attn.q", "embed.tokens", "head"})}, {"use_dora", true}},
       q + 2 * 12 + 2 * (23 + 12) + 12 + 2 * (23 + 12) + 23},
      {{{"rank_pattern", Value::Map{{"h.0.attn.q", 4}}}}, q + 2 * (12 + 12)},
  };
  for (const auto& [chosen, elements] : cases) {
    Value options(chosen);
    options.set("rank", 2);
    if (options.find("targets") == nullptr) options.set("targets", texts({"attn.q"}));
    const auto model = make();
    AdapterSet set("default");
    attach(*model, set, "lora", options.as_map());
    INFO((chosen.empty() ? "plain" : chosen.front().first));
    CHECK(set.trained_elements() == elements);
  }
}

TEST_CASE("LoRA+ gives B and vectors another rate") {
  const auto model = make();
  AdapterSet set("default");
  attach(*model, set, "lora", {{"use_dora", true}, {"bias", "lora_only"}, {"loraplus_lr_ratio", 16}});
  const TensorMap tensors = tensors_of(set);
  CHECK(tensors.at("h.0.attn.qkv.A")->learning_rate_scale == 1.0);
  for (const char* fast : {"B", "magnitude", "bias"}) {
    INFO(fast);
    CHECK(tensors.at(std::string("h.0.attn.qkv.") + fast)->learning_rate_scale == 16.0);
  }
}

TEST_CASE("options that do not fit are refused, naming what was found and what to do") {
  check_refused({{"init", "pisa"}}, {"'init': found 'pisa'", "pissa_niter_N", "did you mean 'pissa'"});
  check_refused({{"init", "pissa_niter_x"}}, {"'init': found 'pissa_niter_x'"});
  check_refused({{"init", "pissa_niter_-1"}}, {"'init': found 'pissa_niter_-1'"});
  check_refused({{"rank_pattern", Value::Map{{"attn.qvk", 4}}}},
                {"'rank_pattern'", "'attn.qvk'", "did you mean 'attn.qkv'"});
  check_refused({{"rank_pattern", Value::Map{{"attn.qkv", 2.5}}}},
                {"'rank_pattern'", "2.5", "a whole number"});
  check_refused({{"rank_pattern", Value::Map{{"attn.qkv", 20}}}},
                {"'rank' is 20", "'h.0.attn.qkv'", "at most 12"});
  check_refused({{"alpha_pattern", Value::Map{{"attn.qkv", 0}}}}, {"'alpha_pattern'", "a number above 0"});
  check_refused({{"rank_pattern", Value::Map{{"attn.qkv", 4}, {"h.1.**", 2}}}},
                {"'rank_pattern'", "'attn.qkv'", "'h.1.**'", "'h.1.attn.qkv'", "different values"});
  check_refused({{"loraplus_lr_ratio", 4}, {"targets", texts({"embed.tokens"})}},
                {"'loraplus_lr_ratio'", "'embed.tokens'", "'learning_rate'"});
  check_refused({{"bias", "lora_only"}, {"targets", texts({"head"})}},
                {"'bias': found 'lora_only'", "no bias"});
}
