#include "support/tiny_gpt2.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <utility>

#include "methods/lora/lora_method.h"
#include "methods/prefix/prefix_method.h"
#include "methods/prompt/prompt_method.h"
#include "models/gpt2/gpt2_model.h"
#include "peft/error.h"
#include "peft/random.h"
#include "support/plugin_components.h"

namespace peft::test {
namespace {

template <class Options>
auto read(const Options& options, const Value& values) {
  return options.read(resolve_known_options(options.table(), values, "a test"));
}

std::unique_ptr<Method> make_method(const std::string& plugin, const Value& options) {
  if (plugin == "lora") return std::make_unique<lora::LoraMethod>(read(lora::lora_options(), options));
  if (plugin == "prefix")
    return std::make_unique<prefix::PrefixMethod>(read(prefix::prefix_options(), options));
  if (plugin == "prompt")
    return std::make_unique<prompt::PromptMethod>(read(prompt::prompt_options(), options));
  const MethodDescriptor method = components_of(peft_plugin_info()).methods.at(plugin);
  return method.create(resolve_known_options(method.options, options, "a test"));
}

}  // namespace

std::unique_ptr<Model> make(const TinyGpt2& description) {
  gpt2::Config config;
  config.vocab_size = description.vocabulary;
  config.n_positions = description.positions;
  config.n_embd = description.width;
  config.n_layer = description.layers;
  config.n_head = description.heads;
  config.tie_word_embeddings = description.tied;
  BaseTensors tensors;
  for (const ParameterSpec& spec : gpt2::parameters(config)) {
    at::Tensor tensor = at::empty(spec.shape, description.dtype);
    const double mean = spec.role == ParameterRole::norm ? 1.0 : 0.0;
    fill_normal(tensor, mean, 0.3, RandomStream(description.seed).child(spec.name));
    tensors.emplace(spec.name, tensor);
  }
  return std::make_unique<gpt2::Gpt2>(config, tensors);
}

MethodInstance& attach(Model& model, AdapterSet& set, const std::string& plugin, Value::Map options,
                       std::string name) {
  return attach(model, set, make_method(plugin, Value(std::move(options))), plugin,
                name.empty() ? plugin : name);
}

MethodInstance& attach(Model& model, AdapterSet& set, std::unique_ptr<Method> method,
                       const std::string& plugin, const std::string& name) {
  MethodInstance& instance = set.methods().emplace_back();
  instance.name = name;
  instance.plugin = plugin;
  instance.method = std::move(method);
  const at::ScalarType base = model.sites().parameters.front().tensor.scalar_type();
  Attacher attacher(model, set, instance, RandomStream(3), base == at::kDouble ? at::kDouble : at::kFloat,
                    nullptr);
  instance.method->attach(attacher);
  return instance;
}

void randomize(AdapterSet& set, double standard_deviation, uint64_t seed) {
  const at::NoGradGuard no_grad;
  for (MethodInstance& method : set.methods()) {
    for (MethodTensor& tensor : method.tensors) {
      fill_normal(tensor.tensor, 0.0, standard_deviation,
                  RandomStream(seed).child(method.name).child(tensor.name));
    }
  }
}

EncodedExample random_example(const Model& model, int64_t length, int64_t index, uint64_t seed) {
  EncodedSequence sequence;
  const RandomStream random = RandomStream(seed).child(static_cast<uint64_t>(index));
  for (int64_t i = 0; i < length; ++i) {
    sequence.ids.push_back(static_cast<int64_t>(
        random.below(static_cast<uint64_t>(i), static_cast<uint64_t>(model.info().vocabulary))));
  }
  sequence.labels = sequence.ids;
  EncodedExample example;
  example.inputs.push_back(std::move(sequence));
  example.index = index;
  return example;
}

Batch pack_all(const std::vector<EncodedExample>& examples) {
  std::vector<const EncodedExample*> pointers;
  for (const EncodedExample& example : examples) pointers.push_back(&example);
  return pack(pointers, at::kCPU);
}

}  // namespace peft::test
