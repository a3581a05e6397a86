#include "method_cases.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <set>

#include "base/json.h"
#include "peft/error.h"
#include "plugin/search_path.h"
#include "support/tiny_gpt2.h"
#include "support/tiny_llama.h"

namespace peft::test {
namespace {

namespace fs = std::filesystem;

// The family's tiny model: what its dimensions are called in files, and how it is made.
struct ComposedFamily {
  std::string folder;  // of its cases, within tests/methods
  std::map<std::string, int64_t> factors;
  std::function<std::unique_ptr<Model>(at::ScalarType)> make_model;
};

ComposedFamily gpt2_family() {
  const TinyGpt2 shape;
  return {.folder = "",
          .factors = {{"layers", shape.layers},
                      {"width", shape.width},
                      {"heads", shape.heads},
                      {"vocabulary", shape.vocabulary},
                      {"positions", shape.positions}},
          .make_model = [](at::ScalarType dtype) { return make(TinyGpt2{.dtype = dtype}); }};
}

ComposedFamily llama_family() {
  const TinyLlama shape;
  return {.folder = "llama",
          .factors = {{"layers", shape.layers},
                      {"width", shape.width},
                      {"inner", shape.inner},
                      {"queries", shape.heads * shape.head_size},
                      {"keys", shape.key_value_heads * shape.head_size},
                      {"vocabulary", shape.vocabulary},
                      {"positions", shape.positions}},
          .make_model = [](at::ScalarType dtype) { return make(TinyLlama{.dtype = dtype}); }};
}

const ComposedFamily& composed_family() {
  static const ComposedFamily family = [] {
    const char* wish = std::getenv("PEFT_FAMILY");
    const std::string name = wish == nullptr ? "gpt2" : wish;
    if (name != "gpt2" && name != "llama")
      throw Error("PEFT_FAMILY is '" + name + "', expected gpt2 or llama");
    return name == "llama" ? llama_family() : gpt2_family();
  }();
  return family;
}

int64_t factor(const std::string& text) {
  const auto& known = composed_family().factors;
  const auto found = known.find(text);
  if (found != known.end()) return found->second;
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
    throw Error("found the factor '" + text + "', expected a number or a dimension of the model");
  }
  return std::stoll(text);
}

int64_t product(std::string text) {
  std::erase(text, ' ');
  int64_t value = 1;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('*', begin), text.size());
    value *= factor(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return value;
}

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

MethodCase parse_case(const fs::path& file) {
  static const std::set<std::string> keys = {"method",    "options",  "trained",
                                             "gradients", "not_with", "refused"};
  const Value content = host::read_json_file(file.string());
  for (const auto& [key, value] : content.as_map()) {
    if (!keys.contains(key)) throw Error("unknown key '" + key + "'");
  }
  MethodCase read;
  read.name = file.stem().string();
  read.plugin = content.at("method").as_text();
  read.options = content.at("options");
  if (const Value* why = content.find("refused")) {
    read.refused = why->as_text();
  } else {
    for (const Value& one : content.at("trained").as_list()) read.trained += product(one.as_text());
  }
  read.has_own_gradients = content.find("gradients") == nullptr;
  if (const Value* others = content.find("not_with")) {
    for (const auto& [name, why] : others->as_map()) read.not_with[name] = why.as_text();
  }
  return read;
}

MethodCase read_case(const fs::path& file) {
  try {
    return parse_case(file);
  } catch (const std::exception& error) {
    throw Error(file.string() + ": " + error.what());
  }
}

}  // namespace

std::vector<MethodCase> method_cases() {
  std::vector<MethodCase> cases;
  const fs::path folder = environment("PEFT_METHOD_CASES", PEFT_METHOD_CASES);
  for (const auto& entry : fs::directory_iterator(folder / composed_family().folder)) {
    if (entry.path().extension() == ".json") cases.push_back(read_case(entry.path()));
  }
  std::ranges::sort(cases, {}, &MethodCase::name);
  const std::string more = environment("PEFT_CASE", "");
  if (more.empty()) return cases;
  if (std::ranges::find(cases, wanted_case(), &MethodCase::name) != cases.end()) {
    throw Error(more + ": a case of the host's own has that name; give the file another");
  }
  cases.push_back(read_case(more));
  return cases;
}

std::string wanted_case() {
  return fs::path(environment("PEFT_CASE", "")).stem().string();
}

host::PluginSet& plugins_of_cases() {
  static const host::PluginCatalogue catalogue = [] {
    const host::PluginSearch search{.folders = {environment("PEFT_HOST_PLUGINS", PEFT_BUILT_PLUGINS)},
                                    .environment = std::getenv("PEFT_PLUGIN_PATH")};
    return host::PluginCatalogue(host::find_plugins(host::plugin_folders(search)));
  }();
  static host::PluginSet plugins(catalogue);
  return plugins;
}

Composed::Composed(const Composition& cases, at::ScalarType dtype, Sets layout)
    : model(composed_family().make_model(dtype)) {
  std::set<std::string> taken;
  for (const MethodCase* one : cases) {
    if (sets.empty() || layout == Sets::one_each) sets.push_back(std::make_unique<AdapterSet>("default"));
    const MethodDescriptor& descriptor = plugins_of_cases().method(one->plugin);
    const std::string name = taken.insert(one->name).second ? one->name : one->name + "_again";
    attach(*model, *sets.back(),
           descriptor.create(resolve_known_options(descriptor.options, one->options, one->name)), one->plugin,
           name);
  }
}

std::vector<MethodInstance*> Composed::methods() const {
  std::vector<MethodInstance*> all;
  for (const auto& set : sets) {
    for (MethodInstance& method : set->methods()) all.push_back(&method);
  }
  return all;
}

std::vector<ActiveSet> Composed::active() const {
  std::vector<ActiveSet> all;
  for (const auto& set : sets) all.emplace_back(set.get());
  return all;
}

std::string name_of(const Composition& cases) {
  std::string name;
  for (const MethodCase* one : cases) name += (name.empty() ? "" : " + ") + one->name;
  return name;
}

}  // namespace peft::test
