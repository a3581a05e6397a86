#include "engine/run_template.h"

#include <string>

#include "data/read_model_template.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// With the place in the recipe where the template stands.
template <class Action>
auto placed(const Recipe& recipe, const Action& action) {
  try {
    return action();
  } catch (const UsageError& problem) {
    throw UsageError(recipe.where("data.template").text() + ": error: 'data.template': " + problem.what());
  }
}

}  // namespace

void resolve_template(Recipe& recipe) {
  TemplateChoice& choice = recipe.data.conversation_template;
  if (choice != TemplateChoice(std::string(template_of_model))) return;
  choice = placed(recipe, [&] { return read_model_template(recipe.fetched.folder(recipe.model.tokenizer)); });
}

std::unique_ptr<ConversationTemplate> template_of(const Recipe& recipe, const Tokenizer& tokenizer) {
  return placed(recipe,
                [&] { return make_template(recipe.data.conversation_template, template_tokens(tokenizer)); });
}

}  // namespace peft::host
