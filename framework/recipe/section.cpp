#include "recipe/section.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/suggest.h"
#include "recipe/paths.h"
#include "recipe/yaml_writer.h"

namespace peft::host {
namespace {

using peft::OptionSpec;
using peft::OptionTable;
using peft::OptionType;
using peft::Value;

std::vector<std::string> known_keys(const OptionTable& table, const std::vector<StructuredKey>& structured) {
  std::vector<std::string> keys;
  for (const OptionSpec& option : table) keys.push_back(option.name);
  for (const StructuredKey& key : structured) keys.push_back(key.name);
  return keys;
}

// The host's section that has `key`, for one that stands on the wrong level.
std::string section_of(const std::string& key) {
  for (const KeySection& section : key_sections()) {
    const std::vector<std::string> names = section.names();
    if (std::find(names.begin(), names.end(), key) != names.end()) return section.path;
  }
  return "";
}

std::string advice_on_unknown_key(const Section& section, const std::string& key,
                                  const std::vector<std::string>& known) {
  const std::string before_colon = key.substr(0, key.find(':'));
  if (before_colon != key && std::find(known.begin(), known.end(), before_colon) != known.end()) {
    return "; write a space after the ':'";
  }
  std::string suggestion = did_you_mean(key, known);
  if (!suggestion.empty()) return suggestion;
  const std::string home = section_of(key);
  const bool is_of_host = section.label.empty() || section.label == section.path;
  if (is_of_host && !home.empty() && home != section.path) return "; it belongs to '" + home + "'";
  if (known.empty()) return "; there are no keys here";
  return "; known keys: " + join(known);
}

void report_unknown_keys(const Section& section, const std::vector<std::string>& known,
                         ReadContext& context) {
  for (const MapEntry& entry : section.map.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    context.diagnostics.error(entry.key_where, "unknown key '" + section.label_of(entry.key) + "'" +
                                                   advice_on_unknown_key(section, entry.key, known));
  }
}

// What a user who writes this most likely means.
std::string hint(const OptionSpec& option, const Value& found) {
  if (option.type == OptionType::boolean && found.is_text()) return "; write true or false";
  if (option.type == OptionType::integer && found.type() == Value::Type::number) {
    return "; write it without '.' and 'e'";
  }
  const bool is_numeric = option.type == OptionType::integer || option.type == OptionType::number;
  if (is_numeric && found.is_text()) return "; write it without quotes, units and separators";
  if (found.is_numeric() && (option.type == OptionType::text || option.type == OptionType::text_list)) {
    return "; put it in quotes";
  }
  return "";
}

std::optional<Value> convert(const Section& section, const OptionSpec& option, const Node& node,
                             ReadContext& context) {
  if (node.has_invalid()) return std::nullopt;
  const std::string label = section.label_of(option.name);
  if (node.is_null()) {
    if (!option.required && option.default_value.is_null()) return Value();
    const bool has_default =
        !option.default_value.is_null() && !option.default_value.is_list() && !option.default_value.is_map();
    const std::string remedy =
        has_default ? "leave the key out for " + yaml_scalar(option.default_value) : option.doc;
    context.diagnostics.error(
        node.where, "'" + label + "' has no value; write one" + (has_default ? ", or " : ": ") + remedy);
    return std::nullopt;
  }
  std::string problem;
  const Value found = node.value();
  std::optional<Value> value = option.convert(found, problem);
  if (!value) {
    report_value(node, label, problem + hint(option, found), context);
    return std::nullopt;
  }
  if (!value->is_text() || !value->as_text().empty()) {
    return option.type == OptionType::path ? Value(resolve_path(value->as_text(), node.where)) : *value;
  }
  if (!option.default_value.is_null()) return value;  // empty may be what is meant, as it is by default
  report_value(node, label, "found an empty text; write " + option.doc, context);
  return std::nullopt;
}

}  // namespace

std::string Section::label_of(std::string_view key) const {
  return (label.empty() ? "" : label + ".") + std::string(key);
}

Section child_section(const Section& parent, const std::string& key, ReadContext& context) {
  const std::string path = parent.path.empty() ? key : parent.path + "." + key;
  const Node* node = parent.map.find(key);
  Section section{empty_map(node != nullptr ? node->where : parent.map.where), path, parent.label_of(key)};
  if (node == nullptr || node->is_null()) return section;
  if (node->is_map()) {
    section.map = *node;
  } else {
    report_value(*node, section.label, "found " + describe(*node) + ", expected a map", context);
  }
  return section;
}

Value read_options(const Section& section, const OptionTable& table,
                   const std::vector<StructuredKey>& structured, ReadContext& context, UnknownKeys unknown) {
  if (unknown == UnknownKeys::refuse) report_unknown_keys(section, known_keys(table, structured), context);
  Value::Map values;
  for (const OptionSpec& option : table) {
    const Node* node = section.map.find(option.name);
    if (node != nullptr) {
      values.emplace_back(option.name, convert(section, option, *node, context).value_or(Value()));
      continue;
    }
    if (option.required) report_missing(section, option.name, option.doc, context);
    values.emplace_back(option.name, option.default_value);
  }
  return values;
}

void report_value(const Node& node, const std::string& label, const std::string& problem,
                  ReadContext& context) {
  if (!node.has_invalid()) context.diagnostics.error(node.where, "'" + label + "': " + problem);
}

void report_missing(const Section& section, const std::string& key, const std::string& advice,
                    ReadContext& context) {
  if (!context.complete) return;
  context.diagnostics.error(section.map.where,
                            "'" + section.label_of(key) + "' is missing; add it: " + advice);
}

}  // namespace peft::host
