#include "tiny_family.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "peft/error.h"
#include "peft/random.h"
#include "plugin/plugin_catalogue.h"
#include "plugin/search_path.h"

namespace peft::test {
namespace {

// No two dimensions of a model are alike, so that a transposed weight cannot fit.
TinyFamily gpt2() {
  return {
      .name = "gpt2",
      .config =
          Value::Map{{"vocab_size", 23}, {"n_embd", 12}, {"n_layer", 2}, {"n_head", 3}, {"n_positions", 40}},
      .task = "causal_lm",
      .task_options = Value::Map{},
      .dimensions = {{"layers", 2}, {"width", 12}, {"heads", 3}, {"vocabulary", 23}, {"positions", 40}}};
}

TinyFamily llama() {
  return {.name = "llama",
          .config = Value::Map{{"vocab_size", 23},
                               {"hidden_size", 12},
                               {"intermediate_size", 20},
                               {"num_hidden_layers", 2},
                               {"num_attention_heads", 6},
                               {"num_key_value_heads", 2},
                               {"head_dim", 4},
                               {"max_position_embeddings", 40},
                               {"tie_word_embeddings", true}},
          .task = "causal_lm",
          .task_options = Value::Map{},
          .dimensions = {{"layers", 2},
                         {"width", 12},
                         {"inner", 20},
                         {"queries", 24},
                         {"keys", 8},
                         {"vocabulary", 23},
                         {"positions", 40}}};
}

TinyFamily t5() {
  return {.name = "t5",
          .config = Value::Map{{"vocab_size", 23},
                               {"d_model", 12},
                               {"d_kv", 4},
                               {"d_ff", 20},
                               {"num_layers", 2},
                               {"num_decoder_layers", 3},
                               {"num_heads", 6},
                               {"relative_attention_num_buckets", 8},
                               {"relative_attention_max_distance", 9}},
          .task = "seq2seq_lm",
          .task_options = Value::Map{{"source_prefix", ""}},
          .dimensions = {{"encoders", 2},
                         {"decoders", 3},
                         {"width", 12},
                         {"inner", 20},
                         {"queries", 24},
                         {"buckets", 8},
                         {"heads", 6},
                         {"vocabulary", 23}}};
}

TinyFamily gated_t5() {
  TinyFamily family = t5();
  family.form = "gated";
  family.config.set("feed_forward_proj", "gated-gelu");
  family.config.set("tie_word_embeddings", false);
  return family;
}

TinyFamily bert() {
  return {.name = "bert",
          .config = Value::Map{{"vocab_size", 23},
                               {"hidden_size", 12},
                               {"num_hidden_layers", 2},
                               {"num_attention_heads", 3},
                               {"intermediate_size", 20},
                               {"max_position_embeddings", 40}}};
}

TinyFamily distilbert() {
  return {.name = "distilbert",
          .config = Value::Map{{"vocab_size", 23},
                               {"dim", 12},
                               {"n_layers", 2},
                               {"n_heads", 3},
                               {"hidden_dim", 20},
                               {"max_position_embeddings", 40}}};
}

TinyFamily classifier(TinyFamily family) {
  family.config.set("num_labels", labels_of_classifiers);
  family.config.set("architectures", Value::List{"TinyForSequenceClassification"});
  family.task = "classification";
  family.task_options =
      Value::Map{{"labels", labels_of_classifiers}, {"names", Value::List{}}, {"dropout", 0.1}};
  return family;
}

std::string plugin_folder() {
  const char* value = std::getenv("PEFT_HOST_PLUGINS");
  return value == nullptr ? PEFT_BUILT_PLUGINS : value;
}

}  // namespace

host::PluginSet& plugins_of_cases() {
  static const host::PluginCatalogue catalogue = [] {
    const host::PluginSearch search{.folders = {plugin_folder()},
                                    .environment = std::getenv("PEFT_PLUGIN_PATH")};
    return host::PluginCatalogue(host::find_plugins(host::plugin_folders(search)));
  }();
  static host::PluginSet plugins(catalogue);
  return plugins;
}

std::string title_of(const TinyFamily& family) {
  return family.name + (family.form.empty() ? "" : ", " + family.form) + ", by " + family.task;
}

const std::vector<TinyFamily>& tiny_families() {
  static const std::vector<TinyFamily> families = {gpt2(),
                                                   llama(),
                                                   t5(),
                                                   gated_t5(),
                                                   classifier(gpt2()),
                                                   classifier(llama()),
                                                   classifier(bert()),
                                                   classifier(distilbert())};
  return families;
}

const TinyFamily& tiny_family(const std::string& name, const std::string& task) {
  const auto found = std::ranges::find_if(tiny_families(), [&](const TinyFamily& family) {
    return family.name == name && (task.empty() || family.task == task);
  });
  if (found != tiny_families().end()) return *found;
  throw Error("found the family '" + name + "', expected one of tests/composition/tiny_family.cpp");
}

std::unique_ptr<Model> make(const TinyFamily& family, at::ScalarType dtype, FilesHead head) {
  const std::unique_ptr<ModelFamily> made = plugins_of_cases().model_family(family.name).create();
  const ModelPlan plan = made->plan(family.config);
  BaseTensors tensors;
  for (const ParameterSpec& spec : plan.parameters) {
    if (spec.optional && head == FilesHead::absent && spec.name != "lm_head.weight") continue;
    at::Tensor tensor = at::empty(spec.shape, dtype);
    fill_normal(tensor, spec.role == ParameterRole::norm ? 1.0 : 0.0, 0.3, RandomStream(1).child(spec.name));
    tensors.emplace(spec.name, tensor);
  }
  return made->build(plan, tensors);
}

}  // namespace peft::test
