// The host's own keys of a recipe, stated as plugins state theirs: name, default, range or choices, a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "peft/options.h"
#include "recipe/recipe.h"

namespace peft::host {

// A key whose value is more than an option can say: a section, a choice of plugin, `auto` or a number.
struct StructuredKey {
  std::string name;
  std::string doc;
};

struct KeySection {
  std::string path;  // "train", "evaluate.generation"; "" for the recipe itself
  peft::OptionTable options;
  std::vector<StructuredKey> structured;

  std::vector<std::string> names() const;
};

// What `model` holds before addresses and paths are resolved.
struct ModelKeys {
  std::string family;
  std::string weights;
  std::optional<std::string> tokenizer;
};

struct TopKeys {
  std::optional<std::string> name;
  int64_t seed = Recipe().seed;
  std::string device = Recipe().device;
  std::string dtype = Recipe().dtype;
  std::string output;
};

struct SweepKeys {
  std::string search = "grid";
};

peft::Options<TopKeys> top_options();
peft::Options<ModelKeys> model_options();
peft::Options<RecipeMethod> reserved_method_options();  // in any method's map
peft::Options<RecipeData> data_options();
peft::Options<TemplateTexts> template_options();
peft::Options<RecipeTrain> train_options();
peft::Options<RecipeEvaluate> evaluate_options();
peft::Options<RecipeGeneration> generation_options();
peft::Options<SweepKeys> sweep_options();

// Every section, for messages and the reference.
const std::vector<KeySection>& key_sections();
// Throws `std::out_of_range` for a path that is none.
const KeySection& key_section(std::string_view path);

}  // namespace peft::host
