#include <algorithm>
#include <array>
#include <utility>

#include "jinja/interpreter.h"
#include "jinja/parser.h"
#include "jinja/said_text.h"
#include "peft/error.h"
#include "templates/model_template.h"
#include "templates/notation.h"

namespace peft::host {
namespace {

using Roles = std::vector<std::string_view>;
using Kind = TemplatePart::Kind;

// A conversation of stand-ins: turn i says said(i).
struct Shape {
  Roles roles;
  bool to_be_answered = false;
};

// Every shape that conversations have: with a system text and without, from one turn to six, taking turns,
// and a few that do not.
std::vector<Shape> all_shapes() {
  std::vector<Roles> talks = {
      {"user", "user"}, {"assistant", "user"}, {"user", "assistant", "assistant", "user"}};
  Roles turns;
  for (size_t i = 0; i < 6; ++i) {
    turns.push_back(i % 2 == 0 ? "user" : "assistant");
    talks.push_back(turns);
  }
  std::vector<Shape> shapes;
  for (const Roles& talk : talks) {
    Roles with_system = talk;
    with_system.insert(with_system.begin(), "system");
    for (const bool answered : {false, true}) {
      shapes.push_back({talk, answered});
      shapes.push_back({with_system, answered});
    }
  }
  return shapes;
}

std::string shown(const Shape& shape) {
  std::string text;
  for (const std::string_view role : shape.roles) text += (text.empty() ? "" : ", ") + std::string(role);
  return text + (shape.to_be_answered ? ", to be answered" : "");
}

// What stands for a turn's words in one of a template's texts, or in what it printed.
std::string text_of(const std::vector<TemplatePart>& parts, size_t turn) {
  std::string text;
  for (const TemplatePart& part : parts) {
    text += part.kind == Kind::content           ? said(turn)
            : part.kind == Kind::trimmed_content ? said_trimmed(turn)
                                                 : part.text;
  }
  return text;
}

// What these texts write of a conversation; nothing where they have no place for a system text.
std::optional<std::string> written(const TemplateTexts& texts, const Shape& shape) {
  const auto parts = [](const std::string& text, TemplateText which) {
    return parse_template_text(text, which);
  };
  const auto assistant = parts(texts.assistant, TemplateText::assistant);
  std::string result = text_of(parts(texts.begin, TemplateText::begin), 0);
  const bool has_system = shape.roles.front() == "system";
  if (has_system && !texts.system) return std::nullopt;
  if (!has_system && texts.default_system) {
    for (const TemplatePart& part : parts(*texts.system, TemplateText::said)) {
      result += part.is_content() ? *texts.default_system : part.text;
    }
  }
  for (size_t i = 0; i < shape.roles.size(); ++i) {
    const std::string_view role = shape.roles[i];
    if (role == "assistant") {
      result += text_of(assistant, i);
    } else {
      result += text_of(parts(role == "user" ? texts.user : *texts.system, TemplateText::said), i);
    }
  }
  if (!shape.to_be_answered) return result;
  const auto reply = std::ranges::find_if(assistant, &TemplatePart::reply);
  return result + text_of({assistant.begin(), reply}, 0);
}

// A printed text around the words of one turn.
struct Around {
  std::string before;
  bool trimmed = false;
  std::string after;

  std::string content() const { return trimmed ? "{content|trim}" : "{content}"; }
  std::string notation() const {
    return escaped_for_template(before) + content() + escaped_for_template(after);
  }
};

Around around(const std::string& text, std::string_view what) {
  const std::optional<SaidPlace> place = find_said(text);
  if (!place || holds_said(std::string_view(text).substr(place->end))) {
    throw Error(std::string(what) + " does not stand once in what it prints");
  }
  return {
      .before = text.substr(0, place->begin), .trimmed = place->trimmed, .after = text.substr(place->end)};
}

class Recognizer {
 public:
  Recognizer(std::string_view source, const TemplateVariables& variables)
      : program_(jinja::parse(source)), variables_(variables) {
    if (holds_said(source))
      throw Error("it holds characters of the private use area U+E000, which stand for words here");
  }

  TemplateTexts recognize() const {
    const std::string one = required({{"user"}});
    const std::string two = required({{"user", "assistant"}});
    const std::string three = required({{"user", "assistant", "user"}});
    const std::string opened = required({{"user"}, true});
    TemplateTexts texts;
    const std::string user = rest(three, two, "a user's turn");
    texts.user = around(user, "what a user says").notation();
    texts.assistant =
        assistant(rest(two, one, "an assistant's turn"), rest(opened, one, "a prompt to be answered"));
    find_system(without_end(one, as_turn(user, 0)), user, texts);
    for (const Shape& shape : all_shapes()) check(texts, shape);
    return texts;
  }

 private:
  std::optional<std::string> print(const Shape& shape) const {
    Value::List messages;
    for (size_t i = 0; i < shape.roles.size(); ++i) {
      messages.push_back(Value::Map{{"role", std::string(shape.roles[i])}, {"content", said(i)}});
    }
    Value values = Value::Map{{"messages", std::move(messages)},
                              {"add_generation_prompt", shape.to_be_answered},
                              {"tools", Value()},
                              {"documents", Value()}};
    for (const auto& [name, token] : variables_.tokens) values.set(name, token);
    return jinja::rendered(program_, values);
  }

  std::string required(const Shape& shape) const {
    std::optional<std::string> text = print(shape);
    if (!text) throw Error("it refuses a conversation of " + shown(shape));
    return *std::move(text);
  }

  static std::string rest(const std::string& longer, const std::string& shorter, std::string_view what) {
    if (longer.starts_with(shorter)) return longer.substr(shorter.size());
    throw Error(std::string(what) + " changes what stands before it");
  }

  // The same turn at another place.
  static std::string as_turn(const std::string& text, size_t turn) {
    const Around found = around(text, "what a user says");
    return found.before + (found.trimmed ? said_trimmed(turn) : said(turn)) + found.after;
  }

  static std::string without_end(const std::string& text, const std::string& end) {
    if (text.ends_with(end)) return text.substr(0, text.size() - end.size());
    throw Error("a first turn is not written as later ones are");
  }

  // The assistant's text: what a prompt ends in stands before the reply, and behind its words a special token
  // ends it.
  std::string assistant(const std::string& turn, const std::string& opening) const {
    const Around found = around(turn, "what an assistant says");
    if (opening.empty() || !found.before.starts_with(opening)) {
      throw Error("an assistant's turn does not begin as a prompt to be answered ends");
    }
    const size_t end = end_of_reply(found.after);
    return escaped_for_template(opening) + "{reply}" +
           escaped_for_template(found.before.substr(opening.size())) + found.content() +
           escaped_for_template(found.after.substr(0, end)) + "{/reply}" +
           escaped_for_template(found.after.substr(end));
  }

  // Where the first special token in `after` ends.
  size_t end_of_reply(const std::string& after) const {
    size_t begin = std::string::npos;
    size_t end = std::string::npos;
    for (const std::string& token : variables_.special) {
      const size_t at = after.find(token);
      if (at == std::string::npos || at > begin || (at == begin && at + token.size() <= end)) continue;
      begin = at;
      end = at + token.size();
    }
    if (end == std::string::npos)
      throw Error("no special token of the tokenizer stands at the end of a reply");
    return end;
  }

  // `head` is what stands before the first turn of a conversation without a system text.
  void find_system(const std::string& head, const std::string& user, TemplateTexts& texts) const {
    if (holds_said(head)) throw Error("what a user says does not stand once in what it prints");
    const std::optional<std::string> with_system = print({{"system", "user"}});
    texts.begin = escaped_for_template(head);
    if (!with_system) return;
    const std::string own = without_end(*with_system, as_turn(user, 1));
    if (own.starts_with(head)) {
      texts.system = around(own.substr(head.size()), "a system text").notation();
      return;
    }
    // It has a system text of its own for conversations without one.
    const Around place = around(own, "a system text");
    const auto bos = variables_.tokens.find("bos_token");
    const std::string begin =
        bos != variables_.tokens.end() && place.before.starts_with(bos->second) ? bos->second : "";
    const bool fits = head.size() >= place.before.size() + place.after.size() &&
                      head.starts_with(place.before) && head.ends_with(place.after);
    if (!fits) throw Error("what it puts before a conversation without a system text is no system text");
    texts.begin = escaped_for_template(begin);
    texts.system = Around{place.before.substr(begin.size()), place.trimmed, place.after}.notation();
    texts.default_system =
        head.substr(place.before.size(), head.size() - place.before.size() - place.after.size());
  }

  // What it refuses itself may be written here all the same.
  void check(const TemplateTexts& texts, const Shape& shape) const {
    const std::optional<std::string> expected = print(shape);
    if (expected && expected != written(texts, shape)) {
      throw Error("it writes a conversation of " + shown(shape) + " otherwise than turn by turn");
    }
  }

  jinja::Program program_;
  const TemplateVariables& variables_;
};

}  // namespace

TemplateTexts recognize_template(std::string_view jinja, const TemplateVariables& variables) {
  return Recognizer(jinja, variables).recognize();
}

}  // namespace peft::host
