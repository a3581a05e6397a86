// The sections of a recipe, each read and checked. What has a mistake in it is reported and left at a
// default.
#pragma once

#include <string>
#include <vector>

#include "recipe/recipe.h"
#include "recipe/section.h"

namespace peft::host {

RecipeModel read_model(const Section& recipe, ReadContext& context);
std::vector<RecipeMethod> read_methods(const Section& recipe, ReadContext& context);
RecipeData read_data(const Section& recipe, ReadContext& context);
// Of the section `data`.
TemplateChoice read_template(const Section& data, ReadContext& context);
RecipeTrain read_train(const Section& recipe, ReadContext& context);
RecipeEvaluate read_evaluate(const Section& recipe, ReadContext& context);
// The section as it was written; null where there is none.
peft::Value read_sweep(const Section& recipe, ReadContext& context);

}  // namespace peft::host
