#include "templates/notation.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/suggest.h"
#include "peft/error.h"

namespace peft::host {
namespace {

using Kind = TemplatePart::Kind;

constexpr std::string_view an_assistant = R"("### Assistant:{reply} {content}{end_of_text}{/reply}\n", say)";

struct NamedMark {
  std::string_view name;
  Kind kind;
};
constexpr std::array marks = {NamedMark{"content", Kind::content},
                              NamedMark{"content|trim", Kind::trimmed_content},
                              NamedMark{"begin_of_text", Kind::begin_of_text},
                              NamedMark{"end_of_text", Kind::end_of_text}, NamedMark{"|", Kind::apart}};
constexpr std::string_view open_reply = "reply";
constexpr std::string_view close_reply = "/reply";

std::vector<std::string> mark_names() {
  std::vector<std::string> names;
  for (const NamedMark& mark : marks) names.emplace_back(mark.name);
  names.emplace_back(open_reply);
  names.emplace_back(close_reply);
  return names;
}

// "at character 14 of the text", counted as a reader does.
std::string place(std::string_view text, size_t at) {
  const auto starts_character = [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; };
  const auto before =
      std::count_if(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), starts_character);
  return "at character " + std::to_string(before + 1) + " of the text";
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::vector<TemplatePart> parse() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("{{") || rest.starts_with("}}")) {
        add_text(rest.substr(0, 1));
        at_ += 2;
      } else if (rest.front() == '{') {
        read_mark(rest);
      } else if (rest.front() == '}') {
        refuse("found '}'", "expected it behind a mark's name", "write '}}' for a brace");
      } else {
        const size_t length = std::min(rest.find_first_of("{}"), rest.size());
        add_text(rest.substr(0, length));
        at_ += length;
      }
    }
    if (opened_) {
      at_ = *opened_;
      refuse("found '{reply}'", "expected '{/reply}' after it", "close it behind what the model writes last");
    }
    return std::move(parts_);
  }

 private:
  void read_mark(std::string_view rest) {
    const size_t end = rest.find('}');
    if (end == std::string_view::npos || rest.substr(1, end - 1).find('{') != std::string_view::npos) {
      refuse("found '{'", "expected '}' behind a mark's name", "write '{{' for a brace");
    }
    const std::string_view name = rest.substr(1, end - 1);
    if (name == open_reply || name == close_reply) {
      read_reply_mark(name == open_reply);
    } else {
      const auto mark = std::ranges::find(marks, name, &NamedMark::name);
      if (mark == marks.end()) refuse_unknown(name);
      parts_.push_back({.kind = mark->kind, .text = "", .reply = opened_.has_value()});
    }
    at_ += end + 1;
  }

  void read_reply_mark(bool opens) {
    if (opens && (opened_ || closed_))
      refuse("found '{reply}' again", "expected it once", "one stretch is what the model writes");
    if (!opens && !opened_)
      refuse("found '{/reply}'", "expected '{reply}' before it", "mark where a reply begins");
    closed_ = !opens;
    opened_ = opens ? std::optional(at_) : std::nullopt;
  }

  void add_text(std::string_view text) {
    const bool goes_on =
        !parts_.empty() && parts_.back().kind == Kind::text && parts_.back().reply == opened_.has_value();
    if (!goes_on) parts_.push_back({.kind = Kind::text, .text = "", .reply = opened_.has_value()});
    parts_.back().text += text;
  }

  [[noreturn]] void refuse_unknown(std::string_view name) const {
    const std::vector<std::string> names = mark_names();
    const std::string nearest = did_you_mean(name, names);
    refuse("found '{" + std::string(name) + "}'", "expected one of {" + join(names, "}, {") + "}",
           (nearest.empty() ? "write" : nearest.substr(2) + " Write") + " '{{' for a brace");
  }

  [[noreturn]] void refuse(const std::string& found, const std::string& expected,
                           const std::string& remedy) const {
    throw UsageError(found + " " + place(text_, at_) + ", " + expected + "; " + remedy);
  }

  std::string_view text_;
  size_t at_ = 0;
  std::optional<size_t> opened_;  // where {reply} stands that is not closed yet
  bool closed_ = false;
  std::vector<TemplatePart> parts_;
};

int64_t count_contents(const std::vector<TemplatePart>& parts) {
  return std::ranges::count_if(parts, &TemplatePart::is_content);
}

void check_reply(const std::vector<TemplatePart>& parts) {
  if (std::ranges::none_of(parts, &TemplatePart::reply)) {
    throw UsageError("found no {reply}…{/reply}, expected it around what the model writes; write " +
                     std::string(an_assistant));
  }
  const auto content = std::ranges::find_if(parts, &TemplatePart::is_content);
  if (!content->reply) {
    throw UsageError(
        "found {content} outside {reply}…{/reply}, expected it within: it is what the model writes; write " +
        std::string(an_assistant));
  }
  const auto end = std::find_if(content + 1, parts.end(),
                                [](const TemplatePart& part) { return part.kind != Kind::apart; });
  if (end == parts.end() || !end->reply) {
    throw UsageError(
        "found {content} at the end of the reply, expected behind it what ends a reply: without it a model "
        "never "
        "learns to stop; write {content}{end_of_text}{/reply}, say");
  }
}

}  // namespace

std::vector<TemplatePart> parse_template_text(std::string_view text, TemplateText which) {
  std::vector<TemplatePart> parts = Parser(text).parse();
  const int64_t contents = count_contents(parts);
  const bool has_reply = std::ranges::any_of(parts, &TemplatePart::reply);
  if (which == TemplateText::begin) {
    if (contents == 0 && !has_reply) return parts;
    throw UsageError(
        "found {content} or {reply}, expected neither: this stands in front of every conversation");
  }
  if (contents != 1) {
    throw UsageError("found " + (contents == 0 ? "no" : std::to_string(contents)) +
                     " {content}, expected one, where what was said stands" +
                     (text.empty() ? "; leave the key out for a template without it" : ""));
  }
  if (which == TemplateText::assistant) check_reply(parts);
  if (which == TemplateText::said && has_reply) {
    throw UsageError("found {reply}, expected it in 'assistant' alone: it is what the model writes");
  }
  return parts;
}

std::string escaped_for_template(std::string_view text) {
  std::string escaped;
  for (const char byte : text) escaped.append(byte == '{' || byte == '}' ? 2 : 1, byte);
  return escaped;
}

}  // namespace peft::host
