#include "engine/export_template.h"

#include <variant>

#include "base/files.h"
#include "data/chat_template.h"
#include "data/read_model_template.h"
#include "engine/answering.h"
#include "peft/error.h"
#include "templates/named_templates.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

TemplateTexts texts_of(const TemplateChoice& choice) {
  const auto* name = std::get_if<std::string>(&choice);
  return name != nullptr ? named_template(*name) : std::get<TemplateTexts>(choice);
}

bool is_models_own(const TemplateTexts& texts, const fs::path& model) {
  try {
    return read_model_template(model) == texts;
  } catch (const Error&) {  // it has none, or one that is not understood
    return false;
  }
}

}  // namespace

std::optional<std::string> export_template(const Recipe& recipe, const Session& session,
                                           const fs::path& folder) {
  if (!makes_text(session) || session.model().info().decoder_start) return {};
  if (recipe.data.conversation_template == TemplateChoice("empty")) return {};
  const TemplateTexts texts = texts_of(recipe.data.conversation_template);
  if (is_models_own(texts, recipe.fetched.folder(recipe.model.tokenizer))) return {};
  const std::string title = "the run's template, " + title_of(recipe.data.conversation_template);
  std::string jinja;
  try {
    jinja = chat_template_of(texts, *session.codec);
  } catch (const Error& problem) {
    return title + ", cannot be said as transformers' chat_template: " + problem.what() +
           "; write conversations down by it yourself";
  }
  const fs::path file = folder / "chat_template.jinja";
  write_file_atomically(file, jinja);
  return title + ", stands in " + file.string();
}

}  // namespace peft::host
