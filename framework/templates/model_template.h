// A model's own chat template, which is Jinja, as the texts of a template here.
//
// Its text is not compared with known ones: it is run, on stand-ins for what was said, and what it prints
// tells its texts. Those are then tried on conversations of every shape, and where they write another thing
// than it does, or where it looks into what was said, it is refused: it does more than texts can say.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "templates/template_texts.h"

namespace peft::host {

struct ModelTemplate {
  std::filesystem::path file;  // that it stands in
  std::string jinja;
};

// Of a model's folder in Hugging Face layout: chat_template.jinja, else `chat_template` in
// tokenizer_config.json. Nothing where there is none. Throws `peft::Error` for a file that cannot be read.
std::optional<ModelTemplate> find_model_template(const std::filesystem::path& folder);

// What a template may know of a vocabulary.
struct TemplateVariables {
  std::map<std::string, std::string> tokens;  // bos_token, eos_token, …: those there are
  std::vector<std::string> special;           // all special tokens: one of them ends a reply
};

// Throws `peft::Error`: what is not understood in it.
TemplateTexts recognize_template(std::string_view jinja, const TemplateVariables& variables);

}  // namespace peft::host
