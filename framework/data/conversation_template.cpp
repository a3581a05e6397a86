#include "data/conversation_template.h"

#include <algorithm>
#include <regex>
#include <utility>

#include "peft/error.h"
#include "peft/white_space.h"
#include "templates/named_templates.h"

namespace peft::host {
namespace {

using Kind = TemplatePart::Kind;
using Parts = std::vector<TemplatePart>;

TemplatePart apart() {
  return {.kind = Kind::apart, .text = "", .reply = false};
}

// The longest of the special tokens that `text` starts with; "": it starts with none.
std::string_view leading_special(std::string_view text, const std::vector<std::string>& special) {
  std::string_view longest;
  for (const std::string& token : special) {
    if (text.starts_with(token) && token.size() > longest.size()) longest = token;
  }
  return longest;
}

// Special tokens stand alone, so that what is between them is encoded as a whole.
void append_text(const TemplatePart& part, const std::vector<std::string>& special, Parts& to) {
  std::string_view rest = part.text;
  size_t plain = 0;
  const auto put = [&](std::string_view text) {
    if (!text.empty()) to.push_back({.kind = Kind::text, .text = std::string(text), .reply = part.reply});
  };
  while (plain < rest.size()) {
    const std::string_view token = leading_special(rest.substr(plain), special);
    if (token.empty()) {
      ++plain;
      continue;
    }
    put(rest.substr(0, plain));
    to.push_back(apart());
    put(token);
    to.push_back(apart());
    rest.remove_prefix(plain + token.size());
    plain = 0;
  }
  put(rest);
}

std::string begin_of_text(const TemplateTokens& tokens) {
  if (tokens.begin_of_text) return *tokens.begin_of_text;
  throw UsageError(
      "the tokenizer has no begin-of-text token, with which the template begins; name one as `bos_token` in "
      "tokenizer_config.json beside it, or write the template in the recipe without {begin_of_text}");
}

Parts compile(std::string_view text, TemplateText which, const TemplateTokens& tokens) {
  Parts parts;
  for (TemplatePart& part : parse_template_text(text, which)) {
    if (part.kind == Kind::text) {
      append_text(part, tokens.special, parts);
    } else if (part.kind == Kind::begin_of_text) {
      parts.push_back(apart());
      parts.push_back({.kind = Kind::text, .text = begin_of_text(tokens), .reply = part.reply});
      parts.push_back(apart());
    } else {
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

std::string text_of(const TemplatePart& part, const std::string& content) {
  if (part.kind == Kind::text) return part.text;
  return part.kind == Kind::content ? content : std::string(strip_white_space(content));
}

std::vector<Piece> pieces_of(Parts::const_iterator begin, Parts::const_iterator end,
                             const std::string& content) {
  std::vector<Piece> pieces;
  bool goes_on = false;  // whether a text would be encoded with the piece before it
  for (auto part = begin; part != end; ++part) {
    if (part->kind == Kind::apart) {
      goes_on = false;
    } else if (part->kind == Kind::end_of_text) {
      pieces.push_back({.text = "", .ends_text = true, .reply = part->reply});
      goes_on = false;
    } else if (goes_on && pieces.back().reply == part->reply) {
      pieces.back().text += text_of(*part, content);
      pieces.back().content |= part->is_content();
    } else {
      pieces.push_back({.text = text_of(*part, content),
                        .reply = part->reply,
                        .content = part->is_content(),
                        .joins = goes_on});
      goes_on = true;
    }
  }
  return pieces;
}

std::vector<Piece> pieces_of(const Parts& parts, const std::string& content) {
  return pieces_of(parts.begin(), parts.end(), content);
}

Parts::const_iterator reply_of(const Parts& parts) {
  return std::ranges::find_if(parts, &TemplatePart::reply);
}

}  // namespace

TemplateTokens template_tokens(const Tokenizer& tokenizer) {
  TemplateTokens tokens;
  for (const SpecialToken& token : tokenizer.special_tokens()) {
    tokens.special.push_back(token.content);
    if (token.id == tokenizer.special_ids().bos) tokens.begin_of_text = token.content;
  }
  return tokens;
}

ConversationTemplate::ConversationTemplate(const TemplateTexts& texts, const TemplateTokens& tokens)
    : has_start_of_text_(!texts.begin.starts_with(nothing_in_front)),
      begin_(compile(texts.begin, TemplateText::begin, tokens)),
      default_system_(texts.default_system),
      user_(compile(texts.user, TemplateText::said, tokens)),
      assistant_(compile(texts.assistant, TemplateText::assistant, tokens)) {
  if (texts.system) system_ = compile(*texts.system, TemplateText::said, tokens);
  for (auto part = reply_of(assistant_); !part->is_content(); ++part) answer_lead_ += part->text;
}

std::vector<Piece> ConversationTemplate::begin() const {
  return pieces_of(begin_, "");
}

std::vector<Piece> ConversationTemplate::render(const Turn& turn) const {
  if (turn.role == "user") return pieces_of(user_, turn.content);
  if (turn.role == "assistant") return pieces_of(assistant_, turn.content);
  if (turn.role != "system") {
    throw Error("found a turn of role '" + turn.role + "', expected system, user or assistant");
  }
  if (system_) return pieces_of(*system_, turn.content);
  throw Error("found a system text, and the template has no place for one; give 'data.template' a 'system'");
}

std::vector<Piece> ConversationTemplate::begin_answer() const {
  return pieces_of(assistant_.begin(), reply_of(assistant_), "");
}

Piece ConversationTemplate::answer_end() const {
  const auto content = std::ranges::find_if(assistant_, &TemplatePart::is_content);
  return pieces_of(content + 1, assistant_.end(), "").front();
}

std::vector<std::string> missing_special_tokens(const TemplateTexts& texts, const TemplateTokens& tokens) {
  static const std::regex token_like(R"(<\|[^|<>\s]+\|>)");
  std::vector<std::string> missing;
  for (const std::string& text : {texts.begin, texts.system.value_or(""), texts.user, texts.assistant}) {
    for (std::sregex_iterator found(text.begin(), text.end(), token_like); found != std::sregex_iterator();
         ++found) {
      const std::string token = found->str();
      if (std::ranges::find(tokens.special, token) == tokens.special.end() &&
          std::ranges::find(missing, token) == missing.end()) {
        missing.push_back(token);
      }
    }
  }
  return missing;
}

std::unique_ptr<ConversationTemplate> make_template(const TemplateChoice& choice,
                                                    const TemplateTokens& tokens) {
  const auto* name = std::get_if<std::string>(&choice);
  const TemplateTexts& texts = name != nullptr ? named_template(*name) : std::get<TemplateTexts>(choice);
  if (name != nullptr) {
    const std::vector<std::string> missing = missing_special_tokens(texts, tokens);
    if (!missing.empty()) {
      throw UsageError("the tokenizer has no special token '" + missing.front() +
                       "', with which the template '" + *name +
                       "' is written; take a model that was trained with it, or another template: "
                       "human_assistant or plain, or one written in the recipe");
    }
  }
  return std::make_unique<ConversationTemplate>(texts, tokens);
}

std::string_view shown_answer(const ConversationTemplate& form, std::string_view answer) {
  const std::string_view lead = form.answer_lead();
  return answer.substr(answer.starts_with(lead) ? lead.size() : 0);
}

}  // namespace peft::host
