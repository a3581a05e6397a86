#include "cli/plugin_views.h"

#include <array>
#include <utility>

#include "base/json.h"
#include "base/shell.h"
#include "cli/text_table.h"
#include "peft/names.h"
#include "plugin/component_fields.h"

namespace peft::host {
namespace {

constexpr std::array kinds = {ComponentKind::method, ComponentKind::model, ComponentKind::dataset,
                              ComponentKind::metric, ComponentKind::task};

std::vector<const ComponentInfo*> components(const PluginCatalogue& catalogue) {
  std::vector<const ComponentInfo*> all;
  for (const ComponentKind kind : kinds) {
    for (const std::string& name : catalogue.names(kind)) all.push_back(catalogue.find(kind, name));
  }
  return all;
}

std::string default_text(const OptionSpec& option) {
  if (option.required) return "required";
  return option.default_value.is_null() ? "-" : dump_json(option.default_value);
}

std::string accepted_text(const OptionSpec& option) {
  return option.choices.empty() ? option.range.describe() : join(option.choices, " | ");
}

}  // namespace

std::string plugin_list_text(const PluginCatalogue& catalogue) {
  TextTable table({{"kind"}, {"name"}, {"version"}, {"summary"}, {"file"}});
  for (const ComponentInfo* component : components(catalogue)) {
    table.add({std::string(kind_name(component->kind)), component->name, component->version,
               component->summary, typed_path(component->file)});
  }
  return table.text();
}

Value plugin_list_value(const PluginCatalogue& catalogue) {
  Value::List listed;
  for (const ComponentInfo* component : components(catalogue)) {
    listed.emplace_back(Value::Map{{"kind", kind_name(component->kind)},
                                   {"name", component->name},
                                   {"version", component->version},
                                   {"summary", component->summary},
                                   {"plugin", component->plugin},
                                   {"file", component->file}});
  }
  const std::vector<std::string>& problems = catalogue.problems();
  return Value::Map{{"components", std::move(listed)},
                    {"problems", Value::List(problems.begin(), problems.end())}};
}

std::string component_text(const ComponentInfo& component) {
  std::vector<std::pair<std::string, std::string>> facts = {
      {std::string(kind_name(component.kind)), component.name}, {"does", component.summary}};
  const auto add = [&](const char* name, std::string value) {
    if (!value.empty()) facts.emplace_back(name, std::move(value));
  };
  add("paper", component.paper);
  add("columns", join(component.columns));
  add("columns it may have", join(component.optional_columns));
  add("plugin", component.plugin + " " + component.version);
  add("file", component.file);
  std::string text = aligned_pairs(facts) + "\n";
  if (component.options.empty()) return text + "It has no options.\n";
  TextTable table({{"option"}, {"type"}, {"default"}, {"accepts"}, {"what it is"}});
  for (const OptionSpec& option : component.options) {
    table.add({option.name, std::string(option_type_name(option.type)), default_text(option),
               accepted_text(option), option.doc});
  }
  return text + table.text();
}

Value component_description_value(const ComponentInfo& component) {
  Value value = component_to_value(component);
  value.set("plugin", component.plugin);
  value.set("version", component.version);
  value.set("file", component.file);
  return value;
}

}  // namespace peft::host
