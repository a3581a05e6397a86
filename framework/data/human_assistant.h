// The template human_assistant:
//
//     SYSTEM TEXT\n
//     ### Human: TEXT\n
//     ### Assistant: TEXT<end of text>\n
//
// Header, space-and-text, and newline are pieces of their own. Replies are the assistant's space-and-text and
// its end-of-text.
#pragma once

#include "data/conversation_template.h"

namespace peft::host {

class HumanAssistant : public ConversationTemplate {
 public:
  std::vector<Piece> render(const Turn& turn) const override;
  std::vector<Piece> begin_answer() const override;
  std::string_view answer_lead() const override { return " "; }
};

}  // namespace peft::host
