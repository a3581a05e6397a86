// The smallest models that have every kind of site of their family, and what they are trained to do.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "peft/model.h"
#include "peft/value.h"
#include "plugin/plugin_set.h"

namespace peft::test {

// The build's plugins, or those of PEFT_HOST_PLUGINS and PEFT_PLUGIN_PATH.
host::PluginSet& plugins_of_cases();

inline constexpr int64_t labels_of_classifiers = 3;

struct TinyFamily {
  std::string name;         // of the plugin: "t5"
  std::string form = {};    // what tells it from another of the family; empty: its usual form
  Value config;             // in Hugging Face's layout
  std::string task = {};    // "causal_lm"
  Value task_options = {};  // all of them
  std::map<std::string, int64_t> dimensions = {};  // what the cases call them, beside `layers`, `width` …
};

// "t5, gated, by seq2seq_lm"
std::string title_of(const TinyFamily& family);

// gpt2, llama, t5 and t5 in its gated form, doing what they were made for; gpt2, llama, bert and distilbert
// as classifiers.
const std::vector<TinyFamily>& tiny_families();

// The first of that name and task; an empty task is any.
const TinyFamily& tiny_family(const std::string& name, const std::string& task = "");

enum class FilesHead { there, absent };  // whether the base has the head of classifiers

// Every tensor is drawn, norms and biases too: none may be left out unnoticed.
std::unique_ptr<Model> make(const TinyFamily& family, at::ScalarType dtype, FilesHead head);

}  // namespace peft::test
