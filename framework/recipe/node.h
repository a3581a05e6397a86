// A YAML document as a tree in which everything knows where it was written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "peft/value.h"
#include "recipe/location.h"

namespace peft::host {

struct MapEntry;

struct Node {
  enum class Kind {
    invalid,  // has been reported already: nothing more is to be said about it
    scalar,
    list,
    map
  };

  Kind kind = Kind::scalar;
  peft::Value scalar;             // of a scalar: null, boolean, integer, number or text
  std::vector<Node> items;        // of a list
  std::vector<MapEntry> entries;  // of a map: unique keys, in the order they were written
  RecipeLocation where;

  bool is_null() const { return kind == Kind::scalar && scalar.is_null(); }
  bool is_text() const { return kind == Kind::scalar && scalar.is_text(); }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }

  // In a map: the value under `key`, or null (a pointer). In anything else: null.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  // Whether something in here has been reported.
  bool has_invalid() const;
  peft::Value value() const;
};

struct MapEntry {
  std::string key;
  RecipeLocation key_where;
  Node value;
};

Node scalar_node(peft::Value value, RecipeLocation where);
Node empty_map(RecipeLocation where);

// "'lora'", "12", "a list", for messages: "found 12, expected …".
std::string describe(const Node& node);

}  // namespace peft::host
