// A conversation's template as texts in the notation of templates/notation.h: what a recipe may hold.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "peft/value.h"

namespace peft::host {

struct TemplateTexts {
  std::string begin;                          // in front of every conversation
  std::optional<std::string> system;          // a system text; without it, a conversation may have none
  std::optional<std::string> default_system;  // what stands for the system text of a conversation without one
  std::string user;
  std::string assistant;

  bool operator==(const TemplateTexts&) const = default;
};

// By name (see templates/named_templates.h), or written out.
using TemplateChoice = std::variant<std::string, TemplateTexts>;

// The name of the choice that means the model's own template. A run's recipe has its texts instead.
inline constexpr std::string_view template_of_model = "model";

// As a recipe has it: the name, or a map with every key.
Value to_value(const TemplateChoice& choice);

// "'chatml'", "one written in the recipe": for messages.
std::string title_of(const TemplateChoice& choice);

}  // namespace peft::host
