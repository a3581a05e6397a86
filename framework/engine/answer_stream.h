// An answer as it comes, token by token.
#pragma once

#include "data/conversation_template.h"
#include "engine/engine.h"
#include "tokenizer/stream_decoder.h"

namespace peft::host {

// Passes whole characters on to Observer::on_text. All that it is given must outlive it.
class AnswerStream {
 public:
  // `form` null: a raw continuation. Else what the template puts before an answer is not shown.
  AnswerStream(const Tokenizer& tokenizer, const ConversationTemplate* form, Observer& observer)
      : decoder_(tokenizer, /*skip_special=*/true), form_(form), observer_(observer) {}

  void push(int64_t id) { show(decoder_.push(id)); }
  void finish() { show(decoder_.finish()); }

 private:
  void show(std::string text);

  StreamDecoder decoder_;
  const ConversationTemplate* form_;  // null once its lead was passed
  Observer& observer_;
};

}  // namespace peft::host
