// What the tests of methods share: a method's plugin opened by its library, and put on the tiny model.
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <utility>

#include "forward_fixture.h"
#include "gradient_check.h"
#include "peft/error.h"
#include "peft/peft_format.h"
#include "plugin/load_plugin.h"

namespace peft::test {

inline const MethodDescriptor& method_plugin(const std::string& plugin) {
  static std::map<std::string, host::LoadedPlugin> loaded;
  auto found = loaded.find(plugin);
  if (found == loaded.end()) {
    found = loaded.emplace(plugin, host::load_plugin(std::string(PEFT_PLUGINS) + "/" + plugin + ".so")).first;
  }
  return std::get<std::vector<MethodDescriptor>>(found->second.components).front();
}

// The tiny model with one method on it as it starts.
struct MethodOnModel {
  explicit MethodOnModel(const std::string& plugin, Value::Map options = {}, const TinyGpt2& description = {})
      : model(make(description)), instance(set.methods().emplace_back()) {
    const MethodDescriptor& method = method_plugin(plugin);
    instance.name = instance.plugin = plugin;
    instance.method =
        method.create(resolve_known_options(method.options, Value(std::move(options)), "a test"));
    Attacher attacher(*model, set, instance, RandomStream(3), at::kDouble, nullptr);
    instance.method->attach(attacher);
  }

  double loss(bool active = true) const {
    return loss_of(*model, some_examples(*model), active ? with({&set}) : with({})).item().toDouble();
  }

  at::Tensor tensor(const std::string& name) const {
    for (const MethodTensor& entry : instance.tensors) {
      if (entry.name == name) return entry.tensor;
    }
    throw Error("the method has no tensor '" + name + "'");
  }

  // Of every trained tensor, by finite differences, in training. Returns how many there were.
  int check_gradients() {
    const auto examples = some_examples(*model);
    const ForwardOptions options = with({&set}, /*training=*/true);
    return test::check_gradients(set, [&] { return loss_of(*model, examples, options); });
  }

  // What the method changes of the named linear's output for x [M, in], in evaluation. [M, out]
  at::Tensor change_at(const std::string& linear, const at::Tensor& x) {
    const auto examples = some_examples(*model);
    const Batch batch = pack_all(examples);
    const ForwardOptions options = with({&set});
    Forward with_method(*model, batch, options);
    Forward without(*model, batch, {});
    LinearSite& site = *model->sites().linear_targets({linear}).front().site;
    return with_method.linear(site, x) - without.linear(site, x);
  }

  // At every linear site: outputs with the method against those of the folded weight. Returns how many
  // folded.
  int check_folds();

  AdapterSet set{"default"};  // outlives the model it is on
  std::unique_ptr<Model> model;
  MethodInstance& instance;
};

inline int MethodOnModel::check_folds() {
  const auto examples = some_examples(*model);
  const Batch batch = pack_all(examples);
  const ForwardOptions options = with({&set});
  Forward forward(*model, batch, options);
  int folded = 0;
  for (LinearSite& site : model->sites().linears) {
    if (site.attachments.empty()) continue;
    INFO(site.name);
    at::Tensor weight = weight_out_in(site).clone();
    at::Tensor bias = site.bias == nullptr ? at::Tensor() : site.bias->tensor.clone();
    for (const auto& attached : site.attachments) {
      at::Tensor new_weight = weight.narrow(0, attached.begin, attached.size);
      at::Tensor new_bias = bias.defined() ? bias.narrow(0, attached.begin, attached.size) : at::Tensor();
      REQUIRE(attached.attachment->fold(site, new_weight, new_bias));
      weight.narrow(0, attached.begin, attached.size).copy_(new_weight.clone());
      if (bias.defined()) bias.narrow(0, attached.begin, attached.size).copy_(new_bias.clone());
    }
    const at::Tensor x = at::randn({forward.positions().size(0), site.in}, at::kDouble);
    const at::Tensor plain = x.matmul(weight.t());
    const at::Tensor expected = bias.defined() ? plain + bias : plain;
    CHECK((forward.linear(site, x) - expected).abs().max().item().toDouble() < 1e-12);
    ++folded;
  }
  return folded;
}

// Why a method cannot be put on the model; empty where it can.
inline std::string refusal(const std::string& plugin, Value::Map options, const TinyGpt2& description = {}) {
  try {
    MethodOnModel method(plugin, std::move(options), description);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace peft::test
