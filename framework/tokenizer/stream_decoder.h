// Decoding while tokens arrive: only whole characters come out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace peft::host {

// All that `push` and `finish` return, end to end, is well-formed UTF-8, and equals the tokenizer's `decode`
// of all tokens, with what is malformed as U+FFFD. Holds a reference: the tokenizer must outlive it. One
// thread.
class StreamDecoder {
 public:
  explicit StreamDecoder(const Tokenizer& tokenizer, bool skip_special = false)
      : tokenizer_(tokenizer), skip_special_(skip_special) {}

  // The characters that this token completes; empty while they may still change.
  std::string push(std::int64_t id);

  // What is left when no more tokens come: an unfinished character as U+FFFD. The decoder may then be used
  // anew.
  std::string finish();

 private:
  const Tokenizer& tokenizer_;
  bool skip_special_;
  std::string fresh() const;

  std::vector<std::int64_t> context_;  // the tokens before: whether a space leads the next depends on them
  std::vector<std::int64_t> pending_;  // those whose text is not all settled
  std::size_t shown_ = 0;              // bytes of the pending text that were returned
};

}  // namespace peft::host
