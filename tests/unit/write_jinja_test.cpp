// A template's texts as Jinja: read again they are the same.
#include "templates/write_jinja.h"

#include <catch2/catch.hpp>

#include "templates/model_template.h"
#include "templates/named_templates.h"
#include "templates/notation.h"

using namespace peft::host;
using Catch::Matchers::Contains;

namespace {

const TokenTexts tokens = {.start_of_text = "", .begin_of_text = "<|begin_of_text|>", .end_of_text = "</s>"};
const TemplateVariables variables = {
    .tokens = {{"bos_token", "<|begin_of_text|>"}, {"eos_token", "</s>"}},
    .special = {"<|begin_of_text|>", "</s>", "<|im_start|>", "<|im_end|>", "<|eot_id|>"}};

TemplateTexts read_again(const TemplateTexts& texts, const TokenTexts& as = tokens) {
  const std::string jinja = to_jinja(texts, as);
  INFO(jinja);
  return recognize_template(jinja, variables);
}

std::string replaced(std::string text, const std::string& part, const std::string& by) {
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += by.size())
    text.replace(at, part.size(), by);
  return text;
}

// Jinja knows no pieces, and a token by its text alone.
TemplateTexts as_read(TemplateTexts texts) {
  for (std::string* text : {&texts.begin, &texts.user, &texts.assistant}) {
    *text = replaced(replaced(*text, "{|}", ""), "{end_of_text}", "</s>");
    *text = replaced(*text, "{begin_of_text}", "<|begin_of_text|>");
  }
  if (texts.system) texts.system = replaced(*texts.system, "{|}", "");
  return texts;
}

}  // namespace

TEST_CASE("Every named template is recognised in the Jinja that is written of it") {
  for (const std::string& name : template_names()) {
    INFO(name);
    // Nothing but the reply stands in their assistant's turn: what a prompt ends in is no text.
    if (name == "plain" || name == "empty") continue;
    CHECK(read_again(named_template(name)) == as_read(named_template(name)));
  }
  CHECK_THAT(to_jinja(named_template("plain"), tokens),
             Contains("{% if add_generation_prompt %}{% endif %}") &&
                 Contains("{{ message['content'] + '</s>\\n' }}"));
}

TEST_CASE("Quotes, backslashes, braces and line ends stand for themselves") {
  const TemplateTexts texts = {.begin = "",
                               .system = "\"S\" {{{content}}}\r\n",
                               .default_system = "It's {kind}\\n: é",
                               .user = "{{{{ 'q' }}}} \\ {content|trim}\t\n",
                               .assistant = "{{% a %}} {{# b #}}{reply} {content}<|im_end|>{/reply}'"};
  CHECK(read_again(texts) == texts);
}

TEST_CASE("Without a place for a system text one is refused") {
  TemplateTexts texts = named_template("chatml");
  texts.system = {};
  CHECK(read_again(texts) == texts);
}

TEST_CASE("What stands in front of every text stands in front of a conversation, once") {
  const TokenTexts starting = {
      .start_of_text = "<|begin_of_text|>", .begin_of_text = "<|begin_of_text|>", .end_of_text = "</s>"};
  TemplateTexts chatml = named_template("chatml");
  CHECK(read_again(chatml, starting).begin == "<|begin_of_text|>");
  CHECK(read_again(named_template("llama3"), starting).begin == "<|begin_of_text|>");
  chatml.begin = nothing_in_front;
  CHECK(read_again(chatml, starting).begin.empty());
}
