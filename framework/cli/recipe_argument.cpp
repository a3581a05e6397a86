#include "cli/recipe_argument.h"

#include <cstdlib>
#include <iostream>
#include <system_error>
#include <utility>

#include "cli/program_files.h"
#include "engine/engine.h"
#include "peft/error.h"
#include "plugin/search_path.h"
#include "recipe/paths.h"

namespace fs = std::filesystem;

namespace peft::host {

RecipeArgument recipe_argument(const std::vector<std::string>& words, std::string_view what) {
  if (words.empty()) throw UsageError("found no " + std::string(what) + ", expected one");
  RecipeArgument argument{words.front(), {words.begin() + 1, words.end()}};
  for (const std::string& word : argument.overrides) {
    if (word.find('=') == std::string::npos) {
      throw UsageError("found '" + word + "' after " + std::string(what) +
                       ", expected key=value (train.epochs=1)");
    }
  }
  return argument;
}

std::string only_argument(const std::vector<std::string>& words, std::string_view what) {
  if (words.empty()) throw UsageError("found no " + std::string(what) + ", expected one");
  if (words.size() > 1)
    throw UsageError("found '" + words[1] + "' after " + std::string(what) + ", expected nothing");
  return words.front();
}

PluginCatalogue find_catalogue(const std::vector<std::string>& plugin_folders_given) {
  PluginSearch search;
  search.folders.assign(plugin_folders_given.begin(), plugin_folders_given.end());
  search.environment = std::getenv("PEFT_PLUGIN_PATH");
  search.program = program_file();
  return PluginCatalogue(find_plugins(plugin_folders(search)));
}

Recipe load_recipe_or_throw(const RecipeArgument& argument, const Catalogue& catalogue, LoadOptions options) {
  LoadedRecipe loaded = load_recipe(argument.path, argument.overrides, catalogue, options);
  const std::string found = text(loaded.diagnostics);
  if (!loaded.recipe) throw UsageError(found);
  if (!found.empty()) std::cerr << found << "\n";
  return std::move(*loaded.recipe);
}

bool is_run_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path / recipe_file_name, ignored);
}

Recipe load_run(const RecipeArgument& argument, const Catalogue& catalogue, LoadOptions options) {
  if (!is_run_folder(argument.path)) {
    std::error_code ignored;
    const std::string found = fs::is_directory(argument.path, ignored) ? "a folder without one"
                              : fs::exists(argument.path, ignored)     ? "a file"
                                                                       : "nothing";
    throw UsageError(argument.path.string() + ": error: found " + found +
                     ", expected a run's folder, with its " + recipe_file_name +
                     "; 'peft-host run' makes one");
  }
  Recipe recipe =
      load_recipe_or_throw({argument.path / recipe_file_name, argument.overrides}, catalogue, options);
  recipe.output = absolute_path(argument.path);
  return recipe;
}

}  // namespace peft::host
