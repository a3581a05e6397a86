// The template of a run: the one its recipe names or writes, or the model's own.
#pragma once

#include <memory>

#include "data/conversation_template.h"
#include "recipe/recipe.h"
#include "tokenizer/tokenizer.h"

namespace peft::host {

// For `template: model`, puts the texts of the model's own template in the place of the name: a run's recipe
// keeps them. Throws `peft::UsageError` with the recipe's place where the model has none, or one that texts
// cannot say or that gives other tokens in parts than as a whole.
void resolve_template(Recipe& recipe);

// Of a recipe that was resolved. Throws `peft::UsageError` with the recipe's place where the tokenizer lacks
// what the template is written with.
std::unique_ptr<ConversationTemplate> template_of(const Recipe& recipe, const Tokenizer& tokenizer);

}  // namespace peft::host
