// Where something was written.
#pragma once

#include <string>

namespace peft::host {

// A place in a recipe's file, or an override on the command line.
struct RecipeLocation {
  std::string file;  // as the user would name it; of an override "command line: 'train.epochs=2'"
  int line = 0;      // from 1; 0 for an override, which has no lines
  int column = 0;    // from 1, in bytes

  bool is_command_line() const { return line == 0; }
  // "recipes/hybrid.yaml:4:5", "command line: 'train.epochs=2'".
  std::string text() const {
    return is_command_line() ? file : file + ":" + std::to_string(line) + ":" + std::to_string(column);
  }

  bool operator==(const RecipeLocation&) const = default;
};

}  // namespace peft::host
