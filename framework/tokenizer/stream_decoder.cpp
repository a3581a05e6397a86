#include "tokenizer/stream_decoder.h"

#include <algorithm>

#include "base/utf8.h"

namespace peft::host {

// The text of the pending tokens.
std::string StreamDecoder::fresh() const {
  std::vector<std::int64_t> ids = context_;
  ids.insert(ids.end(), pending_.begin(), pending_.end());
  return tokenizer_.decode(ids, skip_special_).substr(tokenizer_.decode(context_, skip_special_).size());
}

std::string StreamDecoder::push(std::int64_t id) {
  pending_.push_back(id);
  const std::string text = fresh();
  const std::size_t settled = std::max(shown_, tokenizer_.settled_prefix(text, id));
  std::string characters = text.substr(shown_, settled - shown_);
  replace_invalid_utf8(characters);
  shown_ = settled;
  // Tokens without text stay pending: they may be the first of all, which is decoded in its own way.
  if (settled == text.size() && !text.empty()) {
    context_.swap(pending_);
    pending_.clear();
    shown_ = 0;
  }
  return characters;
}

std::string StreamDecoder::finish() {
  std::string text = fresh().substr(shown_);
  replace_invalid_utf8(text);
  context_.clear();
  pending_.clear();
  shown_ = 0;
  return text;
}

}  // namespace peft::host
