#include "cli/recipe_library.h"

#include <algorithm>
#include <optional>
#include <system_error>

#include "base/files.h"
#include "peft/error.h"
#include "recipe/yaml_reader.h"

namespace fs = std::filesystem;

namespace peft::host {
namespace {

std::string first_comment(const std::string& text) {
  if (text.empty() || text.front() != '#') return "";
  const std::string line = text.substr(0, text.find('\n'));
  const size_t begin = line.find_first_not_of("# ");
  return begin == std::string::npos ? "" : line.substr(begin);
}

void copy_to_free_place(const fs::path& from, const fs::path& to) {
  if (fs::exists(to))
    throw Error(to.string() + ": found a file or folder, expected nothing; it is not overwritten");
  std::error_code problem;
  fs::copy(from, to, fs::copy_options::recursive, problem);
  if (problem) throw Error("cannot copy " + from.string() + " to " + to.string() + ": " + problem.message());
}

}  // namespace

std::vector<RecipeFile> list_recipes(const fs::path& folder) {
  std::vector<RecipeFile> recipes;
  std::error_code problem;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, problem)) {
    if (entry.path().extension() != ".yaml" || !entry.is_regular_file()) continue;
    recipes.push_back({entry.path().stem().string(), first_comment(read_file(entry.path())), entry.path()});
  }
  if (problem) throw Error("cannot read " + folder.string() + ": " + problem.message());
  std::sort(recipes.begin(), recipes.end(),
            [](const RecipeFile& a, const RecipeFile& b) { return a.name < b.name; });
  return recipes;
}

namespace {

// The recipe that stands beside this one and that it extends; nothing where it extends none, or one of
// another folder.
std::optional<fs::path> extended_neighbour(const fs::path& recipe) {
  Diagnostics mistakes;  // are told when the recipe is used
  const std::optional<Node> root = read_yaml(read_file(recipe), {recipe.string()}, mistakes);
  const Node* name = root ? root->find("extends") : nullptr;
  if (name == nullptr || !name->is_text() || fs::path(name->scalar.as_text()).has_parent_path()) return {};
  const fs::path file = recipe.parent_path() / name->scalar.as_text();
  if (!fs::is_regular_file(file)) return {};
  return file;
}

}  // namespace

std::vector<fs::path> copy_recipe(const RecipeFile& recipe, const fs::path& target) {
  const bool into_folder = target.empty() || fs::is_directory(target) || !target.has_filename();
  const fs::path file = into_folder ? target / recipe.file.filename() : target;
  std::vector<fs::path> written = {file};
  copy_to_free_place(recipe.file, file);
  for (auto base = extended_neighbour(recipe.file); base; base = extended_neighbour(*base)) {
    const fs::path copy = file.parent_path() / base->filename();
    if (fs::exists(copy) && read_file(copy) == read_file(*base)) break;  // copied before, with all it extends
    copy_to_free_place(*base, copy);
    written.push_back(copy);
  }
  // Paths in a recipe are relative to it: its data keeps its name.
  const fs::path data = recipe.file.parent_path() / recipe.name;
  if (!fs::is_directory(data)) return written;
  written.push_back(file.parent_path() / recipe.name);
  copy_to_free_place(data, written.back());
  return written;
}

}  // namespace peft::host
