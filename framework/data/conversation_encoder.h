// Conversations to token ids and targets by a template, shortened to what fits.
//
// Too long: whole turns are dropped from the front, then the turn that is left is cut at its end (its
// end-of-text then gone). A system text is not a turn: it stays in front of what is left.
//
// What the model's own tokeniser puts in front of every text (data/start_of_text.h) stands in front of all
// once, unless the template says otherwise, is never dropped and never a target.
//
// A special token typed in a turn is plain text: content can neither end a turn nor begin another.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "data/conversation_template.h"
#include "data/counts.h"
#include "peft/batch.h"
#include "peft/text_codec.h"

namespace peft::host {

enum class TrainOn {
  replies,  // what the assistant writes: its text and the end-of-text after it
  all,      // every token of the template, headers, system and user texts included
};

// "replies" or "all"; throws `peft::UsageError` for anything else.
TrainOn parse_train_on(std::string_view name);

class ConversationEncoder {
 public:
  // Both must outlive this.
  ConversationEncoder(const ConversationTemplate& form, const TextCodec& codec, TrainOn train_on)
      : form_(form), codec_(codec), train_on_(train_on) {}

  // For training. Labels are as many as ids. Throws `peft::Error` for a system text that is not the first
  // turn.
  EncodedSequence encode(const Conversation& conversation, int64_t max_length, Counts& counts) const;

  // For generation: ends where the answer begins, which is never cut. Throws `peft::UsageError` where
  // `max_length` does not even hold that.
  std::vector<int64_t> encode_prompt(const Conversation& conversation, int64_t max_length,
                                     Counts& counts) const;

 private:
  struct Parts;
  EncodedSequence encode(const std::vector<Piece>& pieces) const;
  Parts split(const Conversation& conversation) const;
  std::vector<int64_t> start() const;

  const ConversationTemplate& form_;
  const TextCodec& codec_;
  TrainOn train_on_;
};

// The codec's end-of-text token; throws `peft::UsageError` where it has none.
int64_t required_end_of_text(const TextCodec& codec);

}  // namespace peft::host
