// An answer as it comes, token by token.
#pragma once

#include <string>

#include "data/conversation_template.h"
#include "engine/engine.h"
#include "evaluate/stop_texts.h"
#include "tokenizer/stream_decoder.h"

namespace peft::host {

// Passes whole characters on to Observer::on_text, but for what may be the beginning of a text before which
// answers end, until it is known. All that it is given must outlive it.
class AnswerStream {
 public:
  // `form` null: a raw continuation. Else what the template puts before an answer is not shown.
  AnswerStream(const Tokenizer& tokenizer, const ConversationTemplate* form, const StopTexts& stop,
               Observer& observer)
      : decoder_(tokenizer, /*skip_special=*/true), form_(form), stop_(stop), observer_(observer) {}

  void push(int64_t id) { take(decoder_.push(id), /*last=*/false); }
  void finish() { take(decoder_.finish(), /*last=*/true); }

 private:
  void take(const std::string& text, bool last);
  void show(std::string text);

  StreamDecoder decoder_;
  const ConversationTemplate* form_;  // null once its lead was passed
  const StopTexts& stop_;
  Observer& observer_;
  std::string waiting_;  // not yet known to be part of the answer
  bool ended_ = false;
};

}  // namespace peft::host
