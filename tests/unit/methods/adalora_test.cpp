#include <ATen/ops/equal.h>
#include <ATen/ops/eye.h>

#include "method_fixture.h"
#include "peft/training_hooks.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

const Value::Map four_sites = {{"init_r", 6}, {"target_r", 2},  {"tinit", 3},
                               {"tfinal", 4}, {"dropout", 0.3}, {"targets", texts({"attn.qkv", "mlp.out"})}};
const Value::Map slices = {
    {"init_r", 3}, {"target_r", 2}, {"alpha", 5.0}, {"targets", texts({"attn.q", "attn.v"})}};

struct AdaLora : MethodOnModel {
  explicit AdaLora(const Value::Map& options)
      : MethodOnModel("adalora", options),
        hooks(*query<TrainingHooks>(*instance.method)),
        format(*query<PeftFormat>(*instance.method)) {}

  // An optimiser step's end: every trained tensor is somewhere else, and has a gradient.
  void finish_step(int64_t step) {
    const at::NoGradGuard no_grad;
    const RandomStream random = RandomStream(12).child(static_cast<uint64_t>(step));
    for (const MethodTensor& entry : instance.tensors) {
      if (!entry.trained) continue;
      at::Tensor value = entry.tensor;
      at::Tensor gradient = value.detach().clone();
      fill_normal(value, 0.0, 0.3, random.child(entry.name).child("value"));
      fill_normal(gradient, 0.0, 0.3, random.child(entry.name).child("gradient"));
      value.mutable_grad() = gradient;
    }
    hooks.after_update(step);
  }

  // Elements that are not zero, of all tensors of this kind: "kept", ranks with a share of the budget; "E",
  // ranks with a Λ.
  int64_t count(const std::string& kind) const {
    int64_t found = 0;
    for (const MethodTensor& entry : instance.tensors) {
      if (entry.name.ends_with("." + kind)) found += entry.tensor.count_nonzero().item<int64_t>();
    }
    return found;
  }

  TrainingHooks& hooks;
  PeftFormat& format;
};

// Ranks that are kept, and ranks that have a Λ, after each step of a run.
std::vector<std::pair<int64_t, int64_t>> ranks_by_step(const Value::Map& options, int64_t steps) {
  AdaLora method(options);
  method.hooks.begin(steps);
  std::vector<std::pair<int64_t, int64_t>> ranks;
  for (int64_t step = 1; step <= steps; ++step) {
    method.finish_step(step);
    ranks.emplace_back(method.count("kept"), method.count("E"));
  }
  return ranks;
}

}  // namespace

TEST_CASE("AdaLoRA's gradients, the penalty's too, are those of finite differences") {
  for (const Value::Map& options : {four_sites, slices}) {
    AdaLora method(options);
    randomize(method.set);
    const auto examples = some_examples(*method.model);
    CHECK(check_gradients(method.set, [&] {
            return loss_of(*method.model, examples, with({&method.set}, true)) + method.hooks.penalty();
          }) == 12);
  }
}

TEST_CASE("AdaLoRA starts as the base, and trains three matrices a site") {
  const AdaLora method(four_sites);
  CHECK(method.set.trained_elements() == 2 * 6 * ((12 + 1 + 36) + (48 + 1 + 12)));
  CHECK(method.count("kept") == 4 * 6);
  CHECK(method.loss() == method.loss(/*active=*/false));
}

TEST_CASE("AdaLoRA adds B Λ A x by alpha over the ranks it began with") {
  AdaLora method({{"init_r", 6}, {"target_r", 2}, {"alpha", 9.0}});
  randomize(method.set);
  const at::Tensor x = at::randn({22, 12}, at::kDouble);
  const auto tensor = [&](const std::string& name) { return method.tensor("h.1.attn.qkv." + name); };
  const at::Tensor expected =
      (x.matmul(tensor("A").t()) * tensor("E").flatten()).matmul(tensor("B").t()) * (9.0 / (6 + 1e-5));
  CHECK((method.change_at("h.1.attn.qkv", x) - expected).abs().max().item<double>() < 1e-12);
}

TEST_CASE("AdaLoRA folded into weights is AdaLoRA beside them") {
  for (const auto& [options, sites] : {std::pair{four_sites, 4}, {slices, 2}}) {
    AdaLora method(options);
    randomize(method.set);
    CHECK(method.check_folds() == sites);
  }
}

TEST_CASE("AdaLoRA's penalty is the mean distance of its matrices from orthogonal ones") {
  const AdaLora method({{"init_r", 4}, {"target_r", 2}, {"orth_reg_weight", 0.25}});
  const at::NoGradGuard no_grad;
  for (const MethodTensor& entry : method.instance.tensors) {
    at::Tensor tensor = entry.tensor;
    if (entry.name.ends_with(".A")) tensor.copy_(at::eye(4, 12, tensor.options()));
    if (entry.name.ends_with(".B")) tensor.copy_(at::eye(36, 4, tensor.options()));
  }
  CHECK(method.hooks.penalty().item<double>() == 0.0);
  method.tensor("h.1.attn.qkv.B").mul_(2.0);  // BᵀB = 4 I: a distance of 3 √4, of four matrices
  CHECK(method.hooks.penalty().item<double>() == Approx(0.25 * 6.0 / 4));

  const AdaLora without({{"init_r", 4}, {"target_r", 2}, {"orth_reg_weight", 0.0}});
  CHECK_FALSE(without.hooks.penalty().defined());
}

TEST_CASE("AdaLoRA's budget stands, shrinks cubically, and stands again") {
  // Two sites. After steps 3 to 10, floor(8 · (1 - (step - 2) / 8)³ + 16) of 24 ranks are left.
  using Ranks = std::vector<std::pair<int64_t, int64_t>>;
  const Value::Map options = {{"init_r", 12}, {"target_r", 8}, {"tinit", 2}, {"tfinal", 3}};
  CHECK(ranks_by_step(options, 13) == Ranks{{24, 24},
                                            {24, 24},
                                            {21, 21},
                                            {19, 19},
                                            {17, 17},
                                            {17, 17},
                                            {16, 16},
                                            {16, 16},
                                            {16, 16},
                                            {16, 16},
                                            {16, 16},
                                            {16, 16},
                                            {16, 16}});
  // Between allocations, here after steps 4, 8 and 10, a rank may win back its Λ; after the last it may not.
  Value::Map seldom = options;
  seldom.emplace_back("delta_t", 4);
  CHECK(ranks_by_step(seldom, 13) == Ranks{{24, 24},
                                           {24, 24},
                                           {24, 24},
                                           {19, 19},
                                           {19, 24},
                                           {19, 24},
                                           {19, 24},
                                           {16, 16},
                                           {16, 24},
                                           {16, 16},
                                           {16, 16},
                                           {16, 16},
                                           {16, 16}});
}

TEST_CASE("once the budget is spent, AdaLoRA neither measures nor allocates") {
  AdaLora method(four_sites);
  method.hooks.begin(16);
  for (int64_t step = 1; step <= 12; ++step) method.finish_step(step);
  std::map<std::string, at::Tensor> then;
  for (const MethodTensor& entry : method.instance.tensors) {
    if (!entry.trained) then[entry.name] = entry.tensor.clone();
  }
  REQUIRE(then.size() == 4 * 7);
  for (int64_t step = 13; step <= 16; ++step) method.finish_step(step);
  for (const auto& [name, tensor] : then) CHECK(at::equal(tensor, method.tensor(name)));
}

TEST_CASE("AdaLoRA takes away the ranks whose elements matter least over all sites") {
  // Two sites of two ranks; after step 2, the last allocation, two of the four are left.
  AdaLora method({{"init_r", 2}, {"target_r", 1}, {"beta1", 0.75}, {"beta2", 0.5}});
  method.hooks.begin(2);
  const at::NoGradGuard no_grad;
  const auto set = [](at::Tensor tensor, double first, double second) {
    tensor.select(0, 0).fill_(first);
    tensor.select(0, 1).fill_(second);
    tensor.mutable_grad() = tensor.detach().clone();
  };
  for (const MethodTensor& entry : method.instance.tensors) {
    if (entry.trained) set(entry.tensor, 0, 0);
  }
  // |w · g| is then the square of what each is.
  set(method.tensor("h.0.attn.qkv.E"), 3, 1);
  set(method.tensor("h.1.attn.qkv.E"), -4, 2);
  // A row of twelve counts as its mean: what a rank's A says adds to what its Λ does.
  set(method.tensor("h.0.attn.qkv.A"), 0, 5);
  method.hooks.after_update(1);
  const at::Tensor sensitivity = method.tensor("h.1.attn.qkv.E.sensitivity");
  const at::Tensor uncertainty = method.tensor("h.1.attn.qkv.E.uncertainty");
  CHECK(sensitivity[0].item<double>() == Approx(0.25 * 16));
  CHECK(uncertainty[0].item<double>() == Approx(0.5 * (16 - 4)));
  method.hooks.after_update(2);
  const auto lambda = [&](const char* site, int64_t rank) {
    return method.tensor(std::string(site) + ".attn.qkv.E")[rank].item<double>();
  };
  CHECK(lambda("h.0", 0) == 0.0);
  CHECK(lambda("h.0", 1) == 1.0);
  CHECK(lambda("h.1", 0) == -4.0);
  CHECK(lambda("h.1", 1) == 0.0);
}

TEST_CASE("AdaLoRA goes into a folder of PEFT's with the ranks it has left, and comes back") {
  AdaLora method(four_sites);
  method.hooks.begin(16);
  for (int64_t step = 1; step <= 16; ++step) method.finish_step(step);
  const PeftFolder folder = method.format.to_peft(*method.model, method.instance);
  int64_t ranks = 0;
  for (const auto& [name, pattern] : folder.config.at("rank_pattern").as_map()) {
    int64_t of_site = 0;
    for (const Value& stays : pattern.as_list()) of_site += stays.as_boolean() ? 1 : 0;
    CHECK(folder.tensors.at("base_model.model." + name).sizes() == at::IntArrayRef{of_site, 1});
    ranks += of_site;
  }
  CHECK(ranks == 8);

  AdaLora read(four_sites);
  read.format.from_peft(folder, *read.model, read.instance);
  for (const char* site : {"h.0.attn.qkv", "h.1.mlp.out"}) {
    for (const char* kind : {".kept", ".E"}) {
      CHECK(at::equal(read.tensor(std::string(site) + kind), method.tensor(std::string(site) + kind)));
    }
  }
  CHECK(read.loss() == Approx(method.loss()).epsilon(1e-12));

  Value::Map wider = four_sites;
  wider.front().second = 7;
  AdaLora other(wider);
  CHECK_THROWS_WITH(other.format.from_peft(folder, *other.model, other.instance),
                    Contains("'init_r' is 6") && Contains("asks for 7"));
}

TEST_CASE("of AdaLoRA on slices, PEFT's folder has one update a module, scaled alike") {
  AdaLora method(slices);
  randomize(method.set);
  const PeftFolder folder = method.format.to_peft(*method.model, method.instance);
  AdaLora whole({{"init_r", 6}, {"target_r", 4}, {"alpha", folder.config.at("lora_alpha").as_number()}});
  whole.format.from_peft(folder, *whole.model, whole.instance);
  CHECK(whole.loss() == Approx(method.loss()).epsilon(1e-12));
  CHECK(method.loss() != method.loss(/*active=*/false));
}

TEST_CASE("AdaLoRA refuses budgets that cannot be") {
  CHECK_THAT(refusal("adalora", {{"init_r", 4}, {"target_r", 5}}),
             Contains("'target_r' is 5, above 'init_r', 4"));
  CHECK_THAT(
      refusal("adalora", {{"init_r", 13}}),
      Contains("'init_r' is 13, but 'h.0.attn.qkv' is 12 -> 36 wide") && Contains("set it to at most 12"));
  const AdaLora at_either_end({{"tinit", 5}, {"tfinal", 5}});
  CHECK_THROWS_WITH(at_either_end.hooks.begin(10), Contains("'tinit' is 5 and 'tfinal' 5") &&
                                                       Contains("the run has 10 steps") &&
                                                       Contains("train for at least 11 steps"));
  CHECK_NOTHROW(at_either_end.hooks.begin(11));
  const AdaLora plain({});
  CHECK_THROWS_WITH(plain.hooks.begin(1), Contains("train for at least 2 steps"));
  CHECK_NOTHROW(plain.hooks.begin(2));
}
