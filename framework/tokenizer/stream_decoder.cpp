#include "tokenizer/stream_decoder.h"

#include <span>
#include <utility>

#include "base/utf8.h"

namespace peft::host {

std::string StreamDecoder::push(std::int64_t id) {
  pending_ += tokenizer_.decode(std::span(&id, 1), skip_special_);
  const std::size_t complete = complete_utf8_prefix(pending_);
  std::string text = pending_.substr(0, complete);
  pending_.erase(0, complete);
  replace_invalid_utf8(text);
  return text;
}

std::string StreamDecoder::finish() {
  std::string text = std::exchange(pending_, {});
  replace_invalid_utf8(text);
  return text;
}

}  // namespace peft::host
