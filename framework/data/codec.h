// The tokenizer as plugins see it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peft/text_codec.h"
#include "tokenizer/tokenizer.h"

namespace peft::host {

class TokenizerCodec : public TextCodec {
 public:
  // The tokenizer must outlive this. Its end-of-text token counts; `model_end_of_text` are those of the
  // model's configuration, for a tokenizer that has none.
  explicit TokenizerCodec(const Tokenizer& tokenizer, const std::vector<int64_t>& model_end_of_text = {});

  std::vector<int64_t> encode(std::string_view text) const override;
  std::vector<int64_t> encode_ordinary(std::string_view text) const override;
  // Well-formed UTF-8: a character whose tokens are incomplete becomes U+FFFD.
  std::string decode(const std::vector<int64_t>& ids) const override;
  std::vector<int64_t> with_special_tokens(const std::vector<int64_t>& ids) const override;
  std::optional<int64_t> end_of_text() const override { return end_of_text_; }

  const Tokenizer& tokenizer() const { return tokenizer_; }

 private:
  const Tokenizer& tokenizer_;
  std::optional<int64_t> end_of_text_;
};

}  // namespace peft::host
