#include <filesystem>
#include <optional>
#include <system_error>

#include "hub/address.h"
#include "peft/error.h"
#include "recipe/component_reader.h"
#include "recipe/paths.h"
#include "recipe/read_sections.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

// As the hub's own names have it; empty text after an error.
std::string read_hub_address(const Node& node, const std::string& label, ReadContext& context) {
  try {
    const HubAddress address = parse_hub_address(node.scalar.as_text());
    if (address.path.empty()) return address.text();
    report_value(node, label,
                 "found the path '" + address.path + "' in the address of a model, expected hub://" +
                     address.repository() + " alone",
                 context);
  } catch (const peft::UsageError& problem) {
    report_value(node, label, problem.what(), context);
  }
  return "";
}

// A folder that must exist and hold `file` (where that is not empty); its absolute path, or empty text after
// an error.
std::string read_folder(const Node& node, const std::string& label, const std::string& file,
                        ReadContext& context) {
  const std::string& text = node.scalar.as_text();
  if (is_hub_address(text)) return read_hub_address(node, label, context);
  const std::string path = resolve_path(text, node.where);
  std::error_code unknown;
  if (!fs::exists(path, unknown)) {
    report_value(node, label, "there is no folder " + path + path_hint(text, node.where), context);
    return "";
  }
  if (!fs::is_directory(path, unknown)) {
    report_value(node, label, path + " is not a folder", context);
    return "";
  }
  if (!file.empty() && !fs::exists(fs::path(path) / file, unknown)) {
    report_value(node, label,
                 "the folder " + path + " holds no " + file + ", expected a model in Hugging Face layout",
                 context);
    return "";
  }
  return path;
}

peft::Value read_config(const Section& model, const std::string& family, const ComponentInfo* info,
                        bool random, ReadContext& context) {
  const Node* config = model.map.find("config");
  if (!random) {
    if (config != nullptr) {
      report_value(*config, "model.config",
                   "is for weights: random only; a folder of weights has a config.json of its own", context);
    }
    return {};
  }
  if (config == nullptr) {
    report_missing(
        model, "config",
        "the options of '" + family + "', which weights: random cannot do without ({}: all defaults)",
        context);
  }
  const Section section = child_section(model, "config", context);
  if (info == nullptr) return {};
  return read_options(section, info->options, {}, context);
}

}  // namespace

RecipeModel read_model(const Section& recipe, ReadContext& context) {
  const Section section = child_section(recipe, "model", context);
  const peft::Options<ModelKeys> options = model_options();
  const ModelKeys keys =
      options.read(read_options(section, options.table(), key_section("model").structured, context));
  RecipeModel model;
  model.family = keys.family;
  const ComponentInfo* info = nullptr;
  if (!keys.family.empty()) {
    info = find_component(ComponentKind::model, keys.family, section.map.find("family")->where, context);
  }
  if (keys.weights.empty()) return model;  // reported

  const bool random = keys.weights == random_weights;
  model.weights = random ? keys.weights
                         : read_folder(*section.map.find("weights"), "model.weights", "config.json", context);
  model.config = read_config(section, keys.family, info, random, context);
  if (keys.tokenizer) {
    model.tokenizer = read_folder(*section.map.find("tokenizer"), "model.tokenizer", "", context);
  } else if (random) {
    report_missing(section, "tokenizer", "the tokeniser's folder; weights: random come without one", context);
  } else {
    model.tokenizer = model.weights;
  }
  return model;
}

}  // namespace peft::host
