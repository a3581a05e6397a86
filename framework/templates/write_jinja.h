// A template's texts as the Jinja that transformers applies: the other way round from model_template.h.
#pragma once

#include <string>

#include "templates/template_texts.h"

namespace peft::host {

// What stands for marks in a vocabulary, as text.
struct TokenTexts {
  std::string start_of_text;  // in front of every text; empty: nothing
  std::string begin_of_text;
  std::string end_of_text;
};

// Writes what the texts write, {|} aside, and refuses roles that they do not have. In one line.
std::string to_jinja(const TemplateTexts& texts, const TokenTexts& tokens);

}  // namespace peft::host
