#include "classifier.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <map>

#include "peft/error.h"
#include "peft/head.h"

namespace peft::test {
namespace {

constexpr int64_t labels = 3;

// A width that no other dimension has, so that a transposed weight cannot fit.
const Value& config_of(const std::string& family) {
  static const std::map<std::string, Value> configs = {
      {"bert", Value::Map{{"vocab_size", 23},
                          {"hidden_size", 12},
                          {"num_hidden_layers", 2},
                          {"num_attention_heads", 3},
                          {"intermediate_size", 20},
                          {"max_position_embeddings", 40}}},
      {"distilbert", Value::Map{{"vocab_size", 23},
                                {"dim", 12},
                                {"n_layers", 2},
                                {"n_heads", 3},
                                {"hidden_dim", 20},
                                {"max_position_embeddings", 40}}},
      {"gpt2",
       Value::Map{{"vocab_size", 23}, {"n_embd", 12}, {"n_layer", 2}, {"n_head", 3}, {"n_positions", 40}}}};
  return configs.at(family);
}

std::unique_ptr<Model> make(const std::string& name, at::ScalarType dtype, FilesHead head) {
  const std::unique_ptr<ModelFamily> family = plugins_of_cases().model_family(name).create();
  Value config = config_of(name);
  config.set("num_labels", labels);
  const ModelPlan plan = family->plan(config);
  BaseTensors tensors;
  for (const ParameterSpec& spec : plan.parameters) {
    if (spec.optional && head == FilesHead::absent) continue;
    at::Tensor tensor = at::empty(spec.shape, dtype);
    fill_normal(tensor, spec.role == ParameterRole::norm ? 1.0 : 0.0, 0.3, RandomStream(1).child(spec.name));
    tensors.emplace(spec.name, tensor);
  }
  return family->build(plan, tensors);
}

}  // namespace

Classifier::Classifier(const std::string& family, const Composition& cases, at::ScalarType dtype,
                       FilesHead head)
    : model(make(family, dtype, head)),
      task(plugins_of_cases()
               .task("classification")
               .create(Value::Map{{"labels", labels}, {"names", Value::List{}}, {"dropout", 0.1}})) {
  for (const MethodCase* one : cases) {
    const MethodDescriptor& descriptor = plugins_of_cases().method(one->plugin);
    const bool is_taken = !set.methods().empty() && set.methods().back().name == one->name;
    attach(*model, set, descriptor.create(resolve_known_options(descriptor.options, one->options, one->name)),
           one->plugin, one->name + (is_taken ? "_again" : ""));
  }
  attach(*model, set, task->head(), "classification", "head");
  for (const int64_t length : {9, 4, 12, 1, 7, 5}) {
    const auto number = static_cast<int64_t>(examples.size());
    EncodedExample& example = examples.emplace_back(random_example(*model, length, number));
    example.inputs.front().labels.clear();
    example.target = static_cast<double>(number % labels);
  }
}

at::Tensor Classifier::loss(bool training) {
  const Batch batch = pack_all(examples);
  ForwardOptions options;
  options.sets = {&set};
  options.training = training;
  options.random = RandomStream(5);
  return task->loss({*model, batch, options, {}}).sum;
}

at::Tensor Classifier::scores(std::vector<ActiveSet> sets) {
  const at::NoGradGuard no_grad;
  const Batch batch = pack_all(examples);
  ForwardOptions options;
  options.sets = std::move(sets);
  Forward forward(*model, batch, options);
  return sequence_scores(forward, *model);
}

}  // namespace peft::test
