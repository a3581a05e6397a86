// How a conversation is written down for a model: turns as pieces of text.
//
// A template knows neither ids nor lengths: data/conversation_encoder.h encodes its pieces and shortens what
// is too long, for all templates alike.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peft/example.h"
#include "templates/notation.h"
#include "templates/template_texts.h"
#include "tokenizer/tokenizer.h"

namespace peft::host {

// A stretch that is encoded on its own, so that its tokens do not depend on what stands beside it.
struct Piece {
  std::string text;
  bool ends_text = false;  // the tokenizer's end-of-text token stands here, and `text` is empty
  bool reply = false;      // what the model writes when it answers: a target when training on replies
  bool content = false;    // what somebody wrote: a special token typed there is plain text
  // Encoded together with the piece in front, as far as that leaves the tokens of the one in front as they
  // are: where a reply begins, they are what a prompt ends in.
  bool joins = false;

  bool operator==(const Piece&) const = default;
};

// What a template has to know of a vocabulary: a special token in its texts is a piece of its own.
struct TemplateTokens {
  std::vector<std::string> special;
  std::optional<std::string> begin_of_text;
};
TemplateTokens template_tokens(const Tokenizer& tokenizer);

class ConversationTemplate {
 public:
  // Throws `peft::UsageError` for texts that are wrong in their notation, and for {begin_of_text} where the
  // vocabulary has none.
  ConversationTemplate(const TemplateTexts& texts, const TemplateTokens& tokens);

  // Whether what the tokenizer puts in front of every text stands in front of a conversation, too.
  bool has_start_of_text() const { return has_start_of_text_; }
  // What every conversation begins with.
  std::vector<Piece> begin() const;
  // What stands for a system text where a conversation has none of its own.
  const std::optional<std::string>& default_system() const { return default_system_; }
  // Throws `peft::Error` for a role that it does not have.
  std::vector<Piece> render(const Turn& turn) const;
  // What a prompt to be answered ends in: the pieces with which an assistant's turn begins, none a reply.
  std::vector<Piece> begin_answer() const;
  // What the model writes between that and the answer proper; it is not shown.
  std::string_view answer_lead() const { return answer_lead_; }
  // What the model writes first behind the answer proper: a special token, end-of-text, or a text.
  Piece answer_end() const;

 private:
  using Parts = std::vector<TemplatePart>;

  bool has_start_of_text_;
  Parts begin_;
  std::optional<Parts> system_;
  std::optional<std::string> default_system_;
  Parts user_;
  Parts assistant_;
  std::string answer_lead_;
  std::vector<std::string> special_;
};

// Throws `peft::UsageError` for a name that there is not, and where a special token that a named template is
// written with is not in the vocabulary.
std::unique_ptr<ConversationTemplate> make_template(const TemplateChoice& choice,
                                                    const TemplateTokens& tokens);

// What stands in a template's texts as special tokens do, <|im_start|> say, and is none of the vocabulary.
std::vector<std::string> missing_special_tokens(const TemplateTexts& texts, const TemplateTokens& tokens);

// A generated answer as it is shown: without the template's lead. Of a prefix of an answer that is still
// coming, pass at least as many bytes as the lead has.
std::string_view shown_answer(const ConversationTemplate& form, std::string_view answer);

}  // namespace peft::host
