#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "hub/address.h"
#include "recipe/component_reader.h"
#include "recipe/paths.h"
#include "recipe/read_sections.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

// Names become groups of a checkpoint and folders of an export.
bool is_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

void read_init_from(const Section& section, RecipeMethod& method, ReadContext& context) {
  if (!method.init_from) return;
  const Node& node = *section.map.find("init_from");
  const std::string text = *method.init_from;
  const std::string label = section.label_of("init_from");
  if (is_hub_address(text)) {
    report_value(node, label, "adapters are not fetched from the hub; give a local folder", context);
    return;
  }
  method.init_from = resolve_path(text, node.where);
  std::error_code unknown;
  if (!fs::exists(*method.init_from, unknown)) {
    report_value(node, label,
                 "there is no " + *method.init_from + path_hint(text, node.where) +
                     "; expected a Hugging Face PEFT adapter folder or a checkpoint",
                 context);
  }
}

// What has no effect on a method that is not trained was perhaps meant otherwise.
void check_untrained(const Section& section, const RecipeMethod& method, ReadContext& context) {
  if (method.trainable) return;
  const auto warn = [&](const char* key, const std::string& problem) {
    context.diagnostics.warning(section.map.find(key)->where, "'" + section.label_of(key) + "' " + problem);
  };
  const std::string no_effect = "has no effect with 'trainable: false'; leave one of them out";
  if (method.learning_rate) warn("learning_rate", no_effect);
  if (method.weight_decay) warn("weight_decay", no_effect);
  if (!method.init_from) {
    warn("trainable", "is false and there is no 'init_from': the method stays as it starts");
  }
}

RecipeMethod read_method(WrittenComponent written, ReadContext& context) {
  const peft::Options<RecipeMethod> reserved = reserved_method_options();
  peft::OptionTable table = reserved.table();
  if (written.info != nullptr) {
    table.insert(table.end(), written.info->options.begin(), written.info->options.end());
  }
  const peft::Value values =
      read_options(written.section, table, {}, context,
                   written.info != nullptr ? UnknownKeys::refuse : UnknownKeys::ignore);
  RecipeMethod method = reserved.read(values);
  const Node* name = written.section.map.find("name");
  if (name == nullptr) {
    method.name = written.name;
  } else if (name->is_text() && !is_name(method.name)) {
    report_value(*name, written.section.label_of("name"),
                 "found " + describe(*name) + ", expected letters, digits, '_' and '-'", context);
  }
  read_init_from(written.section, method, context);
  check_untrained(written.section, method, context);
  if (written.info != nullptr) method.component.options = pick(values, written.info->options);
  method.component.name = std::move(written.name);
  method.component.path = std::move(written.section.path);
  return method;
}

}  // namespace

std::vector<RecipeMethod> read_methods(const Section& recipe, ReadContext& context) {
  const std::string advice = "at least one method, such as '- NAME: {options}'";
  const Node* list = recipe.map.find("methods");
  if (list == nullptr) {
    report_missing(recipe, "methods", advice, context);
    return {};
  }
  if (!list->is_list()) {
    report_value(*list, "methods",
                 "found " + describe(*list) + ", expected a list; put '- ' before each method", context);
    return {};
  }
  if (list->items.empty()) report_value(*list, "methods", "found an empty list, expected " + advice, context);

  std::vector<RecipeMethod> methods;
  std::map<std::string, RecipeLocation> taken;
  for (size_t i = 0; i < list->items.size(); ++i) {
    std::optional<WrittenComponent> written =
        read_component(list->items[i], ComponentKind::method, "methods." + std::to_string(i), context);
    if (!written) continue;
    const RecipeLocation where = written->where;
    RecipeMethod method = read_method(*std::move(written), context);
    const auto [first, is_new] = taken.emplace(method.name, where);
    if (!is_new && !method.name.empty()) {
      context.diagnostics.error(where, "two methods are called '" + method.name + "', the first at " +
                                           first->second.text() +
                                           "; give one of them a name of its own with 'name: …'");
    }
    methods.push_back(std::move(method));
  }
  return methods;
}

}  // namespace peft::host
