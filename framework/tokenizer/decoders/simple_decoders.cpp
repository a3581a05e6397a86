#include "tokenizer/decoders/simple_decoders.h"

#include <utility>

#include "base/utf8.h"
#include "tokenizer/byte_tokens.h"
#include "tokenizer/replace_matches.h"

namespace peft::host {
namespace {

void replace_all(std::string& text, std::string_view found, std::string_view by) {
  for (std::size_t at = text.find(found); at != std::string::npos; at = text.find(found, at + by.size())) {
    text.replace(at, found.size(), by);
  }
}

}  // namespace

void MetaSpaceDecoder::decode(std::vector<std::string>& tokens) const {
  for (std::string& token : tokens) {
    const bool first = &token == &tokens.front();
    replace_all(token, form_.replacement, first && form_.prepend != MetaSpace::Prepend::never ? "" : " ");
  }
}

void ByteFallback::decode(std::vector<std::string>& tokens) const {
  std::vector<std::string> decoded;
  std::string bytes;  // of the run so far
  const auto end_run = [&] {
    if (bytes.empty()) return;
    if (valid_utf8_prefix(bytes) == bytes.size()) {
      decoded.push_back(bytes);
    } else {
      decoded.insert(decoded.end(), bytes.size(), std::string(replacement_character));
    }
    bytes.clear();
  };
  for (std::string& token : tokens) {
    if (const auto byte = byte_of_token(token)) {
      bytes.push_back(static_cast<char>(*byte));
      continue;
    }
    end_run();
    decoded.push_back(std::move(token));
  }
  end_run();
  tokens = std::move(decoded);
}

bool ByteFallback::depends_on_next(const std::string& token) const {
  return byte_of_token(token).has_value();
}

void Fuse::decode(std::vector<std::string>& tokens) const {
  std::string all;
  for (const std::string& token : tokens) all += token;
  tokens.assign(1, std::move(all));
}

ReplaceDecoder::ReplaceDecoder(const Component& description)
    : pattern_(make_pattern(description.at("pattern"))), content_(description.at("content").as_text()) {
  description.only_keys({"pattern", "content"});
}

void ReplaceDecoder::decode(std::vector<std::string>& tokens) const {
  for (std::string& token : tokens) replace_matches(*pattern_, content_, token);
}

StripDecoder::StripDecoder(const Component& description)
    : content_(description.at("content").as_text()),
      start_(description.integer("start", 0)),
      stop_(description.integer("stop", 0)) {
  description.only_keys({"content", "start", "stop"});
  if (content_.empty()) description.refuse("content", "empty", "a character");
}

void StripDecoder::decode(std::vector<std::string>& tokens) const {
  for (std::string& token : tokens) {
    for (std::int64_t i = 0; i < start_ && token.starts_with(content_); ++i) token.erase(0, content_.size());
    for (std::int64_t i = 0; i < stop_ && token.ends_with(content_); ++i) {
      token.resize(token.size() - content_.size());
    }
  }
}

}  // namespace peft::host
