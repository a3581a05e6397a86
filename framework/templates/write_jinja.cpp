#include "templates/write_jinja.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "peft/white_space.h"
#include "templates/notation.h"

namespace peft::host {
namespace {

using Kind = TemplatePart::Kind;
using Parts = std::span<const TemplatePart>;

std::string literal(std::string_view text) {
  std::string quoted = "'";
  for (const char byte : text) {
    if (byte == '\n' || byte == '\r') {  // Jinja takes either for a line's end
      quoted += byte == '\n' ? "\\n" : "\\r";
      continue;
    }
    if (byte == '\\' || byte == '\'') quoted += '\\';
    quoted += byte;
  }
  return quoted + "'";
}

std::string printed(const std::string& expression) {
  return "{{ " + expression + " }}";
}

std::string printed_text(const std::string& text) {
  return text.empty() ? "" : printed(literal(text));
}

class JinjaWriter {
 public:
  JinjaWriter(const TemplateTexts& texts, const TokenTexts& tokens) : texts_(texts), tokens_(tokens) {}

  std::string write() const {
    std::string roles = "{% if message['role'] == 'user' %}" + turn(texts_.user, TemplateText::said) +
                        "{% elif message['role'] == 'assistant' %}" +
                        turn(texts_.assistant, TemplateText::assistant);
    if (texts_.system) {
      roles +=
          "{% elif message['role'] == 'system' and loop.first %}" + turn(*texts_.system, TemplateText::said);
    }
    const std::string refusal = std::string("expected messages of user and assistant") +
                                (texts_.system ? ", behind one of system" : "");
    return printed_text(begin()) + default_system() + "{% for message in messages %}" + roles + "{% else %}" +
           printed("raise_exception(" + literal(refusal) + ")") + "{% endif %}{% endfor %}" +
           "{% if add_generation_prompt %}" + printed_text(opening()) + "{% endif %}";
  }

 private:
  // With `words` for what was said.
  std::string written(Parts parts, std::string_view words = "") const {
    std::string text;
    for (const TemplatePart& part : parts) {
      switch (part.kind) {
        case Kind::text: text += part.text; break;
        case Kind::content: text += words; break;
        case Kind::trimmed_content: text += strip_white_space(words); break;
        case Kind::begin_of_text: text += tokens_.begin_of_text; break;
        case Kind::end_of_text: text += tokens_.end_of_text; break;
        case Kind::apart: break;
      }
    }
    return text;
  }

  std::string begin() const {
    const std::string text = written(parse_template_text(texts_.begin, TemplateText::begin));
    const bool starts = texts_.begin.starts_with(nothing_in_front) || text.starts_with(tokens_.start_of_text);
    return starts ? text : tokens_.start_of_text + text;
  }

  std::string default_system() const {
    if (!texts_.system || !texts_.default_system) return "";
    const auto parts = parse_template_text(*texts_.system, TemplateText::said);
    return "{% if messages[0]['role'] != 'system' %}" + printed_text(written(parts, *texts_.default_system)) +
           "{% endif %}";
  }

  // What a prompt to be answered ends in.
  std::string opening() const {
    const auto parts = parse_template_text(texts_.assistant, TemplateText::assistant);
    return written({parts.begin(), std::ranges::find_if(parts, &TemplatePart::reply)});
  }

  std::string turn(const std::string& text, TemplateText which) const {
    const auto parts = parse_template_text(text, which);
    const auto content = std::ranges::find_if(parts, &TemplatePart::is_content);
    const std::string before = written({parts.begin(), content});
    const std::string after = written({content + 1, parts.end()});
    return printed((before.empty() ? "" : literal(before) + " + ") + "message['content']" +
                   (content->kind == Kind::trimmed_content ? " | trim" : "") +
                   (after.empty() ? "" : " + " + literal(after)));
  }

  const TemplateTexts& texts_;
  const TokenTexts& tokens_;
};

}  // namespace

std::string to_jinja(const TemplateTexts& texts, const TokenTexts& tokens) {
  return JinjaWriter(texts, tokens).write();
}

}  // namespace peft::host
