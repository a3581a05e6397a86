#include "recipe/compose.h"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/files.h"
#include "peft/error.h"
#include "recipe/yaml_reader.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

class Composer {
 public:
  explicit Composer(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  // `wanted_at` is where the file was asked for: its own beginning for the first one.
  ComposedRecipe compose(const fs::path& path, const RecipeLocation& wanted_at) {
    std::optional<Node> root = read(path, wanted_at);
    if (!root) return {empty_map({path.string(), 1, 1}), false};
    const auto extends = std::find_if(root->entries.begin(), root->entries.end(),
                                      [](const MapEntry& entry) { return entry.key == "extends"; });
    if (extends == root->entries.end()) return {*std::move(root), true};
    const Node base_name = std::move(extends->value);
    root->entries.erase(extends);
    if (!base_name.is_text() || base_name.scalar.as_text().empty()) {
      if (base_name.kind != Node::Kind::invalid) {
        diagnostics_.error(base_name.where,
                           "'extends': found " + describe(base_name) +
                               ", expected the path of another recipe, relative to this file");
      }
      return {*std::move(root), false};
    }
    const fs::path base_path = (path.parent_path() / base_name.scalar.as_text()).lexically_normal();
    chain_.push_back(path);
    ComposedRecipe base = compose(base_path, base_name.where);
    chain_.pop_back();
    const RecipeLocation where = root->where;  // the recipe is this one, not the one underneath
    base.root = merge(std::move(base.root), *std::move(root));
    base.root.where = where;
    return base;
  }

 private:
  std::optional<Node> read(const fs::path& path, const RecipeLocation& wanted_at) {
    if (is_in_chain(path)) {
      std::string circle;
      for (const fs::path& file : chain_) circle += file.string() + " -> ";
      diagnostics_.error(wanted_at, "recipes extend each other in a circle (" + circle + path.string() +
                                        "); remove one 'extends'");
      return std::nullopt;
    }
    std::error_code unknown;
    if (!fs::is_regular_file(path, unknown)) {
      diagnostics_.error(wanted_at, fs::exists(path, unknown) ? path.string() + " is not a file"
                                                              : "there is no recipe " + path.string());
      return std::nullopt;
    }
    const YamlOrigin origin{path.string()};
    if (fs::file_size(path, unknown) > max_yaml_bytes) {
      diagnostics_.error(origin.at(1, 1), "found more than " + std::to_string(max_yaml_bytes) +
                                              " bytes, more than a recipe may have; is this a recipe?");
      return std::nullopt;
    }
    std::string text;
    try {
      text = read_file(path);
    } catch (const peft::Error& failure) {
      diagnostics_.error(wanted_at, failure.what());
      return std::nullopt;
    }
    return as_map(read_yaml(text, origin, diagnostics_));
  }

  std::optional<Node> as_map(std::optional<Node> root) {
    if (!root || root->is_map()) return root;
    if (root->kind != Node::Kind::invalid) {
      diagnostics_.error(root->where,
                         (root->is_null() ? "this recipe is empty" : "found " + describe(*root)) +
                             ", expected a map with keys such as 'model:', 'methods:' and 'data:'");
    }
    return std::nullopt;
  }

  bool is_in_chain(const fs::path& path) const {
    return std::any_of(chain_.begin(), chain_.end(), [&](const fs::path& file) {
      std::error_code unknown;
      return fs::equivalent(file, path, unknown);
    });
  }

  Diagnostics& diagnostics_;
  std::vector<fs::path> chain_;  // files that wait for what they extend
};

}  // namespace

ComposedRecipe compose_recipe(const fs::path& path, Diagnostics& diagnostics) {
  return Composer(diagnostics).compose(path, {path.string(), 1, 1});
}

Node merge(Node base, Node over) {
  if (!base.is_map() || !over.is_map()) return over;
  for (MapEntry& entry : over.entries) {
    const auto found = std::find_if(base.entries.begin(), base.entries.end(),
                                    [&](const MapEntry& candidate) { return candidate.key == entry.key; });
    if (found == base.entries.end()) {
      base.entries.push_back(std::move(entry));
      continue;
    }
    found->key_where = std::move(entry.key_where);
    found->value = merge(std::move(found->value), std::move(entry.value));
  }
  base.where = std::move(over.where);
  return base;
}

}  // namespace peft::host
