// How a conversation is written down for a model: turns as pieces of text.
//
// A template knows neither tokens nor lengths: data/conversation_encoder.h encodes its pieces and shortens
// what is too long, for all templates alike.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "peft/example.h"

namespace peft::host {

// A stretch that is encoded on its own, so that its tokens do not depend on what stands beside it.
struct Piece {
  std::string text;
  bool ends_text = false;  // the tokenizer's end-of-text token stands here, and `text` is empty
  bool reply = false;      // what the model writes when it answers: a target when training on replies
  bool content = false;    // what somebody wrote: a special token typed there is plain text

  bool operator==(const Piece&) const = default;
};

class ConversationTemplate {
 public:
  ConversationTemplate() = default;
  ConversationTemplate(const ConversationTemplate&) = delete;
  ConversationTemplate& operator=(const ConversationTemplate&) = delete;
  virtual ~ConversationTemplate() = default;

  virtual std::vector<Piece> render(const Turn& turn) const = 0;
  // What a prompt to be answered ends in: the pieces with which an assistant's turn begins, none a reply.
  virtual std::vector<Piece> begin_answer() const = 0;
  // What the model writes between that and the answer proper; it is not shown.
  virtual std::string_view answer_lead() const = 0;
};

// "human_assistant", …
const std::vector<std::string>& template_names();

// Throws `peft::UsageError` with the names there are.
std::unique_ptr<ConversationTemplate> make_template(std::string_view name);

// A generated answer as it is shown: without the template's lead. Of a prefix of an answer that is still
// coming, pass at least as many bytes as the lead has.
std::string_view shown_answer(const ConversationTemplate& form, std::string_view answer);

}  // namespace peft::host
