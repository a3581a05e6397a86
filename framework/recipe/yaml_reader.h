// YAML text to a located tree, with the traps of YAML turned into errors.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "recipe/diagnostics.h"
#include "recipe/node.h"

namespace peft::host {

// Where a text comes from: a file, or one override of the command line, which has no lines.
struct YamlOrigin {
  std::string name;  // `RecipeLocation::file` of everything in the text
  bool has_lines = true;

  RecipeLocation at(int line, int column) const {
    return has_lines ? RecipeLocation{name, line, column} : RecipeLocation{name, 0, 0};
  }
};

inline constexpr int max_yaml_depth = 32;
inline constexpr size_t max_yaml_bytes = size_t{1} << 20;

// Reads the one document of `text`. Nothing where it cannot be read at all: not UTF-8, not YAML, several
// documents, nested deeper than `max_yaml_depth`, longer than `max_yaml_bytes`. An empty document is a null.
//
// Reported, and left out of the tree or `invalid` in it: duplicate keys, keys that are not text, tags,
// anchors, aliases and merge keys (which `extends` replaces), and plain scalars that are ambiguous.
std::optional<Node> read_yaml(std::string_view text, const YamlOrigin& origin, Diagnostics& diagnostics);

}  // namespace peft::host
