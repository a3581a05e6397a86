#include "data/codec.h"

#include "base/utf8.h"

namespace peft::host {

TokenizerCodec::TokenizerCodec(const Tokenizer& tokenizer, const std::vector<int64_t>& model_end_of_text)
    : tokenizer_(tokenizer), end_of_text_(tokenizer.end_of_text()) {
  if (!end_of_text_ && !model_end_of_text.empty()) end_of_text_ = model_end_of_text.front();
}

std::vector<int64_t> TokenizerCodec::encode(std::string_view text) const {
  return tokenizer_.encode(text);
}

std::vector<int64_t> TokenizerCodec::encode_ordinary(std::string_view text) const {
  return tokenizer_.encode_ordinary(text);
}

std::string TokenizerCodec::decode(const std::vector<int64_t>& ids) const {
  std::string text = tokenizer_.decode(ids, /*skip_special=*/true);
  replace_invalid_utf8(text);
  return text;
}

std::vector<int64_t> TokenizerCodec::with_special_tokens(const std::vector<int64_t>& ids) const {
  return tokenizer_.with_special_tokens(ids);
}

}  // namespace peft::host
