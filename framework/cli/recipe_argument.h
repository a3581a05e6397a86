// Recipes and run folders as they are given on the command line.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/plugin_catalogue.h"
#include "recipe/load_recipe.h"
#include "recipe/recipe.h"

namespace peft::host {

// RECIPE [key=value …]
struct RecipeArgument {
  std::filesystem::path path;
  std::vector<std::string> overrides;
};

// `what` names the first word ("RECIPE"). Throws `peft::UsageError` where it is missing, or where another
// word is no override.
RecipeArgument recipe_argument(const std::vector<std::string>& words, std::string_view what);

// The one word there must be.
std::string only_argument(const std::vector<std::string>& words, std::string_view what);

// The plugins of --plugin-dir, PEFT_PLUGIN_PATH and the program's own folder; damaged ones are its
// `problems`.
PluginCatalogue find_catalogue(const std::vector<std::string>& plugin_folders);

// Warnings go to stderr. Throws `peft::UsageError` with everything that is wrong with the recipe.
Recipe load_recipe_or_throw(const RecipeArgument& argument, const Catalogue& catalogue,
                            LoadOptions options = {});

bool is_run_folder(const std::filesystem::path& path);

// The recipe of a run's folder, with the folder as its output: it may have been moved. Throws
// `peft::UsageError` where it is no such folder.
Recipe load_run(const RecipeArgument& argument, const Catalogue& catalogue, LoadOptions options);

}  // namespace peft::host
