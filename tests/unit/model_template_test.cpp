// A model's own chat template, recognised by what it does.
#include <catch2/catch.hpp>

#include "base/files.h"
#include "peft/error.h"
#include "support/temporary_folder.h"
#include "templates/model_template.h"
#include "templates/named_templates.h"

using namespace peft::host;
using namespace peft::test;

namespace {

const TemplateVariables variables = {
    .tokens = {{"bos_token", "<bos>"}, {"eos_token", "</s>"}},
    .special = {"<bos>", "</s>", "<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|start_header_id|>"}};

TemplateTexts recognized(const std::string& jinja) {
  return recognize_template(jinja, variables);
}

void refused(const std::string& jinja, const std::string& why) {
  INFO(jinja);
  CHECK_THROWS_WITH(recognized(jinja), Catch::Contains(why));
}

// The loop that most have, with something before it and something in place of the words.
std::string chatml_like(const std::string& before, const std::string& words = "message['content']") {
  return before + "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + " + words +
         " + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' "
         "}}{% endif %}";
}

}  // namespace

TEST_CASE("ChatML is recognised however it is written") {
  CHECK(recognized(chatml_like("")) == named_template("chatml"));
  CHECK(recognized(R"({%- for m in messages -%}
    {%- if m.role == 'user' -%}
        {{- '<|im_start|>user\n' ~ m.content ~ '<|im_end|>\n' -}}
    {%- elif m.role in ['system', 'assistant'] -%}
        {{- '<|im_start|>' }}{{ m.role }}
{{ m.content -}}
<|im_end|>
{% endif -%}
{%- endfor -%}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\n' }}
{%- endif %}
)") == named_template("chatml"));
}

TEST_CASE("A default system text is a part of what is recognised") {
  const TemplateTexts texts =
      recognized(chatml_like("{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nBe "
                             "{kind}.<|im_end|>\n' }}{% endif %}"));
  CHECK(texts.default_system == "Be {kind}.");
  CHECK(texts.system == named_template("chatml").system);
  CHECK(texts.begin == "");
  CHECK(texts.user == named_template("chatml").user);
}

TEST_CASE("A beginning, trimmed words and a namespace are understood") {
  const TemplateTexts texts = recognized("{% set ns = namespace(first=true) %}{{ bos_token }}" +
                                         chatml_like("", "(message['content'] | trim)"));
  CHECK(texts.begin == "<bos>");
  CHECK(texts.user == "<|im_start|>user\n{content|trim}<|im_end|>\n");
  CHECK(texts.assistant == "<|im_start|>assistant\n{reply}{content|trim}<|im_end|>{/reply}\n");
}

TEST_CASE("A template that refuses system texts has none") {
  const TemplateTexts texts = recognized(
      "{% for m in messages %}{% if m.role == 'user' %}<|im_start|>{{ m.content }}{% elif m.role == "
      "'assistant' %}"
      "<|eot_id|> {{ m.content }}{{ eos_token }}{% else %}{{ raise_exception('no') }}{% endif %}{% endfor %}"
      "{% if add_generation_prompt %}<|eot_id|>{% endif %}");
  CHECK_FALSE(texts.system);
  CHECK(texts.assistant == "<|eot_id|>{reply} {content}</s>{/reply}");
}

TEST_CASE("What does more than texts can say is refused") {
  refused(chatml_like("", "message['content'].split('</think>')[-1]"), "line ");
  refused(chatml_like("{{ strftime_now('%d %b %Y') }}"), "strftime_now");
  refused(chatml_like("", "(message['content'] if loop.index0 < 4 else message['content'] | trim)"),
          "otherwise");
  refused(chatml_like("{{ messages | length }}"), "");
  // The system text in the user's turn, as Llama 2 has it.
  refused(
      "{% for m in messages %}{% if m.role == 'user' %}<|im_start|>{% if loop.index0 == 1 %}{{ "
      "messages[0].content }}"
      "{% endif %}{{ m.content }}{% elif m.role == 'assistant' %}<|eot_id|>{{ m.content }}</s>{% endif %}{% "
      "endfor %}"
      "{% if add_generation_prompt %}<|eot_id|>{% endif %}",
      "a first turn is not written as later ones are");
  // Nothing by which an answer would end.
  refused(
      "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt "
      "%}assistant:{% endif %}",
      "no special token");
  // A prompt that ends in something else than answers begin with.
  refused(
      "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
      "{% if add_generation_prompt %}<|im_start|>assistant\n<think>{% endif %}",
      "does not begin as a prompt");
}

TEST_CASE(
    "A model's template is found in its own file, or in the tokenizer's configuration, alone or by name") {
  const TemporaryFolder folder;
  CHECK_FALSE(find_model_template(folder.path()));
  const auto config = folder.path() / "tokenizer_config.json";
  write_file_atomically(config, R"({"chat_template": null})");
  CHECK_FALSE(find_model_template(folder.path()));
  write_file_atomically(config, R"({"chat_template": "one"})");
  CHECK(find_model_template(folder.path())->jinja == "one");
  write_file_atomically(config, R"({"chat_template": [{"name": "tool_use", "template": "a"},
                                                      {"name": "default", "template": "b"}]})");
  CHECK(find_model_template(folder.path())->jinja == "b");
  CHECK(find_model_template(folder.path())->file == config);
  write_file_atomically(config, R"({"chat_template": [{"name": "rag", "template": "a"}]})");
  CHECK_THROWS_WITH(find_model_template(folder.path()), Catch::Contains("tokenizer_config.json: error"));
  write_file_atomically(folder.path() / "chat_template.jinja", "own");
  CHECK(find_model_template(folder.path())->jinja == "own");
}
