// The recipes that come with the program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace peft::host {

struct RecipeFile {
  std::string name;     // "hybrid", of hybrid.yaml
  std::string summary;  // its first line, where that is a comment
  std::filesystem::path file;
};

// Sorted by name. Throws `peft::Error` where the folder cannot be read.
std::vector<RecipeFile> list_recipes(const std::filesystem::path& folder);

// Copies a recipe to `target` (a folder or a file's name), and beside it the recipes that it extends and the
// folder of its own name with its data, where there are any. Returns what was written. Throws `peft::Error`
// where something of that name is there already.
std::vector<std::filesystem::path> copy_recipe(const RecipeFile& recipe, const std::filesystem::path& target);

}  // namespace peft::host
