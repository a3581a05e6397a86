#include "templates/template_texts.h"

namespace peft::host {
namespace {

Value or_null(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value();
}

}  // namespace

Value to_value(const TemplateChoice& choice) {
  if (const auto* name = std::get_if<std::string>(&choice)) return *name;
  const auto& texts = std::get<TemplateTexts>(choice);
  return Value::Map{{"begin", texts.begin},
                    {"system", or_null(texts.system)},
                    {"default_system", or_null(texts.default_system)},
                    {"user", texts.user},
                    {"assistant", texts.assistant}};
}

std::string title_of(const TemplateChoice& choice) {
  const auto* name = std::get_if<std::string>(&choice);
  return name != nullptr ? "'" + *name + "'" : "one written in the recipe";
}

}  // namespace peft::host
