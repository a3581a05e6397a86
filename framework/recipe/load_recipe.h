// From a recipe's file to a recipe that can be run, or to everything that is wrong with it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "recipe/catalogue.h"
#include "recipe/diagnostics.h"
#include "recipe/recipe.h"

namespace peft::host {

struct LoadOptions {
  // False for verbs that use a finished run without its data (generate, chat): sources may be gone.
  bool needs_data = true;
};

struct LoadedRecipe {
  std::optional<Recipe> recipe;         // nothing where there is an error
  std::vector<Diagnostic> diagnostics;  // errors and warnings, by file and line
};

// Reads the file and what it extends, applies `key=value` overrides in order, checks every key against the
// host's tables and the catalogue's, checks that files exist, and fills in defaults. No plugin is loaded and
// no weights are read. Mistakes are returned, all of them; `peft::Error` is thrown only where the system
// fails.
LoadedRecipe load_recipe(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                         const Catalogue& catalogue, LoadOptions options = {});

}  // namespace peft::host
