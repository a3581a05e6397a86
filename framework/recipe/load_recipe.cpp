#include "recipe/load_recipe.h"

#include <utility>

#include "peft/names.h"
#include "recipe/component_reader.h"
#include "recipe/compose.h"
#include "recipe/overrides.h"
#include "recipe/paths.h"
#include "recipe/read_sections.h"

namespace peft::host {
namespace {

constexpr int64_t most_threads = 1024;  // more are a slip of the keyboard

std::optional<int64_t> read_threads(const Section& section, ReadContext& context) {
  const Node* node = section.map.find("threads");
  if (node == nullptr || (node->is_text() && node->scalar.as_text() == "auto")) return std::nullopt;
  if (node->kind == Node::Kind::scalar && node->scalar.is_integer() && node->scalar.as_integer() >= 1 &&
      node->scalar.as_integer() <= most_threads) {
    return node->scalar.as_integer();
  }
  report_value(
      *node, "threads",
      "found " + describe(*node) + ", expected auto or an integer from 1 to " + std::to_string(most_threads),
      context);
  return std::nullopt;
}

ComponentChoice read_task(const Section& section, ReadContext& context) {
  const Node* node = section.map.find("task");
  if (node != nullptr) return read_choice(*node, ComponentKind::task, "task", context);
  report_missing(section, "task", "one of " + join(context.catalogue.names(ComponentKind::task)), context);
  return {};
}

// Nothing is asked of an evaluation that has nothing to measure on, and nothing is measured.
void check_evaluation(const Recipe& recipe, ReadContext& context) {
  const double* share = std::get_if<double>(&recipe.data.validation);
  if (recipe.evaluate.metrics.empty() || share == nullptr || *share > 0) return;
  context.diagnostics.warning(
      recipe.where("data.validation"),
      "'evaluate.metrics' has nothing to measure on: 'data.validation' is 0; hold out a "
      "share such as 0.05, or name files");
}

Recipe read_recipe(Node root, const std::string& file_stem, ReadContext& context) {
  Recipe recipe;
  recipe.sources = SourceMap(root);
  const Section section{std::move(root), "", ""};
  const peft::Options<TopKeys> options = top_options();
  const TopKeys keys =
      options.read(read_options(section, options.table(), key_section("").structured, context));
  recipe.name = keys.name.value_or(file_stem);
  recipe.seed = keys.seed;
  recipe.device = keys.device;
  recipe.dtype = keys.dtype;
  recipe.threads = read_threads(section, context);
  recipe.model = read_model(section, context);
  recipe.methods = read_methods(section, context);
  recipe.data = read_data(section, context);
  recipe.task = read_task(section, context);
  recipe.train = read_train(section, context);
  recipe.evaluate = read_evaluate(section, context);
  if (!keys.output.empty()) recipe.output = absolute_path(keys.output);
  recipe.sweep = read_sweep(section, context);
  if (context.needs_data) check_evaluation(recipe, context);
  return recipe;
}

}  // namespace

LoadedRecipe load_recipe(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                         const Catalogue& catalogue, LoadOptions options) {
  Diagnostics diagnostics;
  ComposedRecipe composed = compose_recipe(path, diagnostics);
  apply_overrides(composed.root, overrides, diagnostics);
  ReadContext context{catalogue, diagnostics, composed.complete, options.needs_data};
  Recipe recipe = read_recipe(std::move(composed.root), path.stem().string(), context);
  LoadedRecipe loaded{std::nullopt, diagnostics.sorted()};
  if (!diagnostics.has_errors()) loaded.recipe = std::move(recipe);
  return loaded;
}

}  // namespace peft::host
