// Decoding while tokens arrive: only whole characters come out.
#pragma once

#include <cstdint>
#include <string>

#include "tokenizer/tokenizer.h"

namespace peft::host {

// All that `push` and `finish` return, end to end, is well-formed UTF-8, and equals Python's
// decode("utf-8", "replace") of the tokens' bytes. Holds a reference: the tokenizer must outlive it. One
// thread.
class StreamDecoder {
 public:
  explicit StreamDecoder(const Tokenizer& tokenizer, bool skip_special = false)
      : tokenizer_(tokenizer), skip_special_(skip_special) {}

  // The characters that this token completes; empty while one is still open.
  std::string push(std::int64_t id);

  // What is left when no more tokens come: an unfinished character as U+FFFD. The decoder may then be used
  // anew.
  std::string finish();

 private:
  const Tokenizer& tokenizer_;
  bool skip_special_;
  std::string pending_;  // the start of a character, at most three bytes
};

}  // namespace peft::host
