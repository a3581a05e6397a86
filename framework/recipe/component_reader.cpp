#include "recipe/component_reader.h"

#include <utility>

#include "base/suggest.h"

namespace peft::host {
namespace {

using peft::Value;

std::string expectation(ComponentKind kind) {
  return "expected the name of a " + std::string(kind_name(kind)) + " or a map {name: {options}}";
}

// Options that are not indented stand beside the name they belong to.
std::string several_keys(const Node& map, ComponentKind kind) {
  std::string found = "found the keys ";
  for (size_t i = 0; i < map.entries.size(); ++i) {
    found += (i == 0 ? "'" : ", '") + map.entries[i].key + "'";
  }
  const MapEntry& first = map.entries.front();
  const MapEntry& second = map.entries[1];
  return found + ", expected one " + std::string(kind_name(kind)) + "; " +
         (first.value.is_null()
              ? "if '" + second.key + "' is an option of '" + first.key + "', indent it further"
              : "give each an item of its own");
}

}  // namespace

std::string nearest_and_all(const std::string& name, const std::vector<std::string>& names) {
  const std::string nearest = did_you_mean(name, names);
  return nearest.empty() ? "; there are: " + join(names) : nearest + " (there are: " + join(names) + ")";
}

const ComponentInfo* find_component(ComponentKind kind, const std::string& name, const RecipeLocation& where,
                                    ReadContext& context) {
  const ComponentInfo* info = context.catalogue.find(kind, name);
  if (info != nullptr) return info;
  const std::vector<std::string> names = context.catalogue.names(kind);
  context.diagnostics.error(where, "unknown " + std::string(kind_name(kind)) + " '" + name + "'" +
                                       (names.empty() ? "; no plugin brings one: see 'peft-host plugins list'"
                                                      : nearest_and_all(name, names)));
  return nullptr;
}

std::optional<WrittenComponent> read_component(const Node& node, ComponentKind kind, const std::string& path,
                                               ReadContext& context) {
  if (node.is_text()) {
    const std::string& name = node.scalar.as_text();
    return WrittenComponent{name,
                            node.where,
                            {empty_map(node.where), path + "." + name, name},
                            find_component(kind, name, node.where, context)};
  }
  if (!node.is_map() || node.entries.empty()) {
    report_value(node, path, "found " + describe(node) + ", " + expectation(kind), context);
    return std::nullopt;
  }
  if (node.entries.size() > 1) {
    report_value(node, path, several_keys(node, kind), context);
    return std::nullopt;
  }
  const MapEntry& entry = node.entries.front();
  WrittenComponent written{entry.key, entry.key_where, child_section({node, path, ""}, entry.key, context),
                           find_component(kind, entry.key, entry.key_where, context)};
  if (entry.value.is_null()) written.section.map.where = entry.key_where;
  return written;
}

ComponentChoice read_choice(const Node& node, ComponentKind kind, const std::string& path,
                            ReadContext& context) {
  std::optional<WrittenComponent> written = read_component(node, kind, path, context);
  if (!written || written->info == nullptr) return {};
  Value options = read_options(written->section, written->info->options, {}, context);
  return {std::move(written->name), std::move(options), std::move(written->section.path)};
}

Value pick(const Value& values, const peft::OptionTable& table) {
  Value::Map picked;
  for (const peft::OptionSpec& option : table) {
    const Value* value = values.find(option.name);
    picked.emplace_back(option.name, value != nullptr ? *value : Value());
  }
  return picked;
}

}  // namespace peft::host
