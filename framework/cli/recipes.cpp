// peft-host recipes ls | cp NAME [TO]
#include <algorithm>
#include <iostream>

#include "base/shell.h"
#include "base/suggest.h"
#include "cli/program_files.h"
#include "cli/recipe_library.h"
#include "cli/results.h"
#include "cli/text_table.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"
#include "peft/error.h"

namespace peft::host {
namespace {

ExitCode list(bool json) {
  Value::List listed;
  TextTable table({{"recipe"}, {"what it does"}, {"file"}});
  for (const RecipeFile& recipe : list_recipes(recipes_folder())) {
    table.add({recipe.name, recipe.summary, typed_path(recipe.file)});
    listed.emplace_back(
        Value::Map{{"name", recipe.name}, {"summary", recipe.summary}, {"file", recipe.file.string()}});
  }
  if (json) print_json(listed);
  if (!json) std::cout << table.text();
  return ExitCode::done;
}

RecipeFile recipe_called(const std::string& name) {
  std::vector<std::string> names;
  for (const RecipeFile& recipe : list_recipes(recipes_folder())) {
    if (recipe.name == name || recipe.file.filename() == name) return recipe;
    names.push_back(recipe.name);
  }
  const std::string close = did_you_mean(name, names);
  throw UsageError("found no recipe '" + name + "'" +
                   (close.empty() ? "; 'peft-host recipes ls' shows what there is" : close));
}

}  // namespace

ExitCode recipes(const Invocation& invocation) {
  VerbOptions options(invocation);
  bool json = false;
  options.flag("json", json, "the table as JSON");
  const auto words = options.parse();
  if (!words) return ExitCode::done;

  const std::string what = words->empty() ? "" : words->front();
  if (what == "ls" && words->size() == 1) return list(json);
  if (what == "cp" && (words->size() == 2 || words->size() == 3)) {
    for (const auto& file : copy_recipe(recipe_called((*words)[1]), words->size() == 3 ? (*words)[2] : "")) {
      std::cout << file.string() << "\n";
    }
    return ExitCode::done;
  }
  const bool is_known = what == "ls" || what == "cp";  // with too few words, or too many
  throw UsageError("recipes: expected ls, or cp NAME [TO]" +
                   (is_known ? "" : did_you_mean(what, {"ls", "cp"})));
}

}  // namespace peft::host
