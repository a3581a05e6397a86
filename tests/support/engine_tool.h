// What tools that compute begin with: the plugins of PEFT_PLUGIN_PATH, the session of a recipe or of a run's
// folder, and lists of token ids from a file.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "engine/environment.h"
#include "engine/session.h"
#include "peft/error.h"
#include "plugin/search_path.h"
#include "recipe/load_recipe.h"

namespace peft::host {

class SilentObserver : public Observer {
 public:
  void note(const std::string&) override {}
  void warning(const std::string& text) override { std::cerr << text << '\n'; }
  void on_step(const StepLine&) override {}
  void on_evaluation(int64_t, const std::map<std::string, double>&) override {}
  void on_progress(std::string_view, int64_t, int64_t) override {}
  void on_text(std::string_view) override {}
  bool interrupted() const override { return false; }
};

// Members are destroyed in reverse order: a session's code is its plugins'.
struct EngineTool {
  PluginCatalogue catalogue;
  PluginSet plugins;
  SilentObserver observer;
  Session session;

  // Of a run's folder: with its newest checkpoint; of a recipe: with its methods as they start.
  explicit EngineTool(const std::filesystem::path& recipe_or_run)
      : catalogue(find_plugins(plugin_folders({.environment = std::getenv("PEFT_PLUGIN_PATH")}))),
        plugins(catalogue),
        session(open(recipe_or_run)) {}

 private:
  Session open(const std::filesystem::path& source) {
    catalogue.throw_if_problems();
    const bool is_run = std::filesystem::is_directory(source);
    LoadedRecipe loaded =
        load_recipe(is_run ? source / recipe_file_name : source, {}, catalogue, {.needs_data = false});
    if (!loaded.recipe) throw UsageError(text(loaded.diagnostics));
    resolve_environment(*loaded.recipe);
    return is_run ? open_run(*loaded.recipe, plugins, observer)
                  : open_session(*loaded.recipe, plugins, BaseContent::weights);
  }
};

// A file of JSON lines, each a list of ids.
inline std::vector<std::vector<int64_t>> read_ids(const std::filesystem::path& path) {
  std::vector<std::vector<int64_t>> lists;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const Value ids = parse_json(line);
    std::vector<int64_t>& list = lists.emplace_back();
    for (const Value& id : ids.as_list()) list.push_back(id.as_integer());
  }
  return lists;
}

}  // namespace peft::host
