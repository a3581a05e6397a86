#include "plugin/component_fields.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peft/error.h"

namespace peft::host {
namespace {

constexpr std::array option_types = {OptionType::boolean,    OptionType::integer, OptionType::number,
                                     OptionType::text,       OptionType::path,    OptionType::text_list,
                                     OptionType::number_map, OptionType::text_map};
constexpr std::array component_kinds = {ComponentKind::method, ComponentKind::model, ComponentKind::dataset,
                                        ComponentKind::metric, ComponentKind::task};

template <class Enum, size_t count>
Enum named(const std::array<Enum, count>& all, std::string_view (*name_of)(Enum), const std::string& name,
           const char* what) {
  for (const Enum item : all) {
    if (name_of(item) == name) return item;
  }
  throw Error(std::string("found the ") + what + " '" + name + "', which is none");
}

Value texts_to_value(const std::vector<std::string>& texts) {
  return Value::List(texts.begin(), texts.end());
}

std::vector<std::string> texts_from_value(const Value& value) {
  std::vector<std::string> texts;
  for (const Value& item : value.as_list()) texts.push_back(item.as_text());
  return texts;
}

Value end_to_value(const std::optional<double>& end) {
  return end ? Value(*end) : Value();
}

std::optional<double> end_from_value(const Value& value) {
  return value.is_null() ? std::optional<double>() : value.as_number();
}

Value range_to_value(const Range& range) {
  return Value::Map{{"minimum", end_to_value(range.minimum)},
                    {"maximum", end_to_value(range.maximum)},
                    {"above_minimum", range.above_minimum},
                    {"below_maximum", range.below_maximum}};
}

Range range_from_value(const Value& value) {
  return {end_from_value(value.at("minimum")), end_from_value(value.at("maximum")),
          value.at("above_minimum").as_boolean(), value.at("below_maximum").as_boolean()};
}

Value option_to_value(const OptionSpec& option) {
  return Value::Map{{"name", option.name},
                    {"type", option_type_name(option.type)},
                    {"default", option.default_value},
                    {"required", option.required},
                    {"range", range_to_value(option.range)},
                    {"choices", texts_to_value(option.choices)},
                    {"doc", option.doc}};
}

OptionSpec option_from_value(const Value& value) {
  OptionSpec option;
  option.name = value.at("name").as_text();
  option.type = named(option_types, option_type_name, value.at("type").as_text(), "option type");
  option.default_value = value.at("default");
  option.required = value.at("required").as_boolean();
  option.range = range_from_value(value.at("range"));
  option.choices = texts_from_value(value.at("choices"));
  option.doc = value.at("doc").as_text();
  return option;
}

}  // namespace

Value component_to_value(const ComponentInfo& component) {
  Value::List options;
  for (const OptionSpec& option : component.options) options.push_back(option_to_value(option));
  return Value::Map{{"kind", kind_name(component.kind)},
                    {"name", component.name},
                    {"summary", component.summary},
                    {"paper", component.paper},
                    {"columns", texts_to_value(component.columns)},
                    {"optional_columns", texts_to_value(component.optional_columns)},
                    {"options", std::move(options)}};
}

ComponentInfo component_from_value(const Value& value) {
  ComponentInfo component;
  component.kind = named(component_kinds, kind_name, value.at("kind").as_text(), "component kind");
  component.name = value.at("name").as_text();
  component.summary = value.at("summary").as_text();
  component.paper = value.at("paper").as_text();
  component.columns = texts_from_value(value.at("columns"));
  component.optional_columns = texts_from_value(value.at("optional_columns"));
  for (const Value& item : value.at("options").as_list())
    component.options.push_back(option_from_value(item));
  return component;
}

}  // namespace peft::host
