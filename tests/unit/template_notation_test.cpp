// The notation of templates, and what is wrong in it.
#include <catch2/catch.hpp>

#include "peft/error.h"
#include "templates/notation.h"

using namespace peft::host;
using Kind = TemplatePart::Kind;
using Parts = std::vector<TemplatePart>;

namespace {

void refused(const std::string& text, TemplateText which, const std::vector<std::string>& words) {
  INFO(text);
  try {
    parse_template_text(text, which);
    FAIL("was taken");
  } catch (const peft::UsageError& error) {
    for (const std::string& word : words) CHECK_THAT(error.what(), Catch::Contains(word));
  }
}

}  // namespace

TEST_CASE("Text stands for itself, and marks stand in braces") {
  CHECK(parse_template_text("<u> {content}{|}\n{end_of_text}", TemplateText::said) ==
        Parts{{.kind = Kind::text, .text = "<u> "},
              {.kind = Kind::content},
              {.kind = Kind::apart},
              {.kind = Kind::text, .text = "\n"},
              {.kind = Kind::end_of_text}});
  CHECK(parse_template_text("{begin_of_text}", TemplateText::begin) == Parts{{.kind = Kind::begin_of_text}});
  CHECK(parse_template_text("{content|trim}", TemplateText::said) == Parts{{.kind = Kind::trimmed_content}});
}

TEST_CASE("What stands between {reply} and {/reply} is the reply") {
  CHECK(parse_template_text("A:{reply} {content}.{/reply}\n", TemplateText::assistant) ==
        Parts{{.kind = Kind::text, .text = "A:"},
              {.kind = Kind::text, .text = " ", .reply = true},
              {.kind = Kind::content, .text = "", .reply = true},
              {.kind = Kind::text, .text = ".", .reply = true},
              {.kind = Kind::text, .text = "\n"}});
}

TEST_CASE("A brace is written twice") {
  CHECK(parse_template_text("{{a}} {{{content}}}", TemplateText::said) ==
        Parts{{.kind = Kind::text, .text = "{a} {"},
              {.kind = Kind::content},
              {.kind = Kind::text, .text = "}"}});
  const std::string text = "{% if x %}{{ y }}{content}";
  CHECK(parse_template_text(escaped_for_template(text) + "{content}", TemplateText::said) ==
        Parts{{.kind = Kind::text, .text = text}, {.kind = Kind::content}});
}

TEST_CASE("What is wrong is told with its place and what to write") {
  refused("é {contnet}", TemplateText::said,
          {"'{contnet}' at character 3", "did you mean 'content'", "'{{'"});
  refused("a {content", TemplateText::said, {"'{' at character 3", "expected '}'"});
  refused("a {b {content}", TemplateText::said, {"'{' at character 3"});
  refused("{content} }", TemplateText::said, {"'}' at character 11", "'}}'"});
  refused("no place", TemplateText::said, {"no {content}"});
  refused("", TemplateText::said, {"no {content}", "leave the key out"});
  refused("{content}{content}", TemplateText::said, {"2 {content}", "expected one"});
  refused("{reply}{content}.{/reply}", TemplateText::said, {"{reply}", "'assistant' alone"});
  refused("{content}", TemplateText::begin, {"expected neither"});
}

TEST_CASE("An assistant's text has one reply, with the content in it and an end") {
  const auto assistant = TemplateText::assistant;
  refused("A: {content}{end_of_text}", assistant, {"no {reply}…{/reply}", "### Assistant:{reply}"});
  refused("A:{reply} {content}{end_of_text}", assistant, {"'{reply}' at character 3", "expected '{/reply}'"});
  refused("A: {content}{/reply}", assistant, {"'{/reply}'", "expected '{reply}' before it"});
  refused("{reply}{content}.{/reply}{reply}.{/reply}", assistant, {"'{reply}' again"});
  refused("{reply}{reply}{content}.{/reply}", assistant, {"'{reply}' again"});
  refused("A: {content}{reply}.{/reply}", assistant, {"{content} outside {reply}"});
  refused("A:{reply} {content}{/reply}\n", assistant,
          {"never learns to stop", "{content}{end_of_text}{/reply}"});
  refused("A:{reply} {content}{|}{/reply}\n", assistant, {"never learns to stop"});
}
