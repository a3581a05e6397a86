// How answers are generated, as the command line says it: shared by every verb that generates.
#pragma once

#include "cli/verb_options.h"
#include "recipe/recipe.h"

namespace peft::host {

class GenerationFlags {
 public:
  // Adds an option for each setting that a recipe has under `evaluate.generation`. `options` is parsed before
  // the settings are asked for, and this must live until then.
  explicit GenerationFlags(VerbOptions& options);

  // Greedy unless something was given that only matters to samples (or `sampled`); then temperature 1 unless
  // it was given too. What shapes an answer either way is the recipe's.
  RecipeGeneration settings(const RecipeGeneration& recipe, bool sampled = false) const;

 private:
  Value given_ = Value::Map{};
};

}  // namespace peft::host
