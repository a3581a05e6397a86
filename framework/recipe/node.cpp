#include "recipe/node.h"

#include <algorithm>
#include <utility>

#include "recipe/yaml_writer.h"

namespace peft::host {

const Node* Node::find(std::string_view key) const {
  const auto entry = std::find_if(entries.begin(), entries.end(),
                                  [&](const MapEntry& candidate) { return candidate.key == key; });
  return entry == entries.end() ? nullptr : &entry->value;
}

Node* Node::find(std::string_view key) {
  return const_cast<Node*>(std::as_const(*this).find(key));
}

bool Node::has_invalid() const {
  return kind == Kind::invalid ||
         std::any_of(items.begin(), items.end(), [](const Node& item) { return item.has_invalid(); }) ||
         std::any_of(entries.begin(), entries.end(),
                     [](const MapEntry& entry) { return entry.value.has_invalid(); });
}

peft::Value Node::value() const {
  if (is_list()) {
    peft::Value::List list;
    for (const Node& item : items) list.push_back(item.value());
    return list;
  }
  if (is_map()) {
    peft::Value::Map map;
    for (const MapEntry& entry : entries) map.emplace_back(entry.key, entry.value.value());
    return map;
  }
  return scalar;
}

Node scalar_node(peft::Value value, RecipeLocation where) {
  Node node;
  node.scalar = std::move(value);
  node.where = std::move(where);
  return node;
}

Node empty_map(RecipeLocation where) {
  Node node;
  node.kind = Node::Kind::map;
  node.where = std::move(where);
  return node;
}

std::string describe(const Node& node) {
  if (node.is_list()) return "a list";
  if (node.is_map()) return "a map";
  if (node.is_null()) return "nothing";
  if (node.is_text()) return "'" + node.scalar.as_text() + "'";
  return yaml_scalar(node.scalar);
}

}  // namespace peft::host
