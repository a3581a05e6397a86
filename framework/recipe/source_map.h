// Where each key of a recipe was written, for checks that come later: the model's, the tokeniser's.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "recipe/location.h"
#include "recipe/node.h"

namespace peft::host {

class SourceMap {
 public:
  SourceMap() = default;
  explicit SourceMap(const Node& root);

  // Of the value at `path` ("methods.0.lora.targets"), or where it was not written, of the nearest map or
  // list around it; in the end of the recipe.
  RecipeLocation where(std::string_view path) const;

 private:
  void record(const Node& node, const std::string& path);

  std::map<std::string, RecipeLocation, std::less<>> places_;  // "" is the recipe
};

}  // namespace peft::host
