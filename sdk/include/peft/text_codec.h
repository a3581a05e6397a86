// Text to token ids and back, as plugins see a tokeniser.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peft {

// Const calls may come from several threads.
class TextCodec {
 public:
  virtual ~TextCodec();
  // No special tokens are added; those written in the text are recognised as the model's own tokeniser does.
  virtual std::vector<int64_t> encode(std::string_view text) const = 0;
  // Special tokens are left out.
  virtual std::string decode(const std::vector<int64_t>& ids) const = 0;
  virtual std::optional<int64_t> end_of_text() const = 0;
  // The same as `encode`, but a special token written in the text is plain text: for content of data, which
  // must not be able to end a turn. A codec that does not say otherwise has none to recognise: it encodes.
  virtual std::vector<int64_t> encode_ordinary(std::string_view text) const;
  // A text's ids as the model's own tokeniser would give them to it: [CLS] … [SEP] for BERT, … </s> for T5.
  // A codec that does not say otherwise adds nothing.
  virtual std::vector<int64_t> with_special_tokens(const std::vector<int64_t>& ids) const;
};

// The text's tokens, cut or repeated to `count`: what virtual tokens that start from a text start from.
// Throws `peft::UsageError` for a text without a token.
std::vector<int64_t> tiled_tokens(const TextCodec& codec, std::string_view text, int64_t count);

}  // namespace peft
