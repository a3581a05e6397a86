// The decoders that are a line or two each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tokenizer/component.h"
#include "tokenizer/decoder.h"
#include "tokenizer/meta_space.h"
#include "tokenizer/pattern.h"

namespace peft::host {

// ▁ as a space, but for the first token's where the tokenizer put it there.
class MetaSpaceDecoder final : public Decoder {
 public:
  explicit MetaSpaceDecoder(const Component& description) : form_(description) {}
  void decode(std::vector<std::string>& tokens) const override;

 private:
  MetaSpace form_;
};

// <0xE2> and its like as bytes; where a run of them is not UTF-8, U+FFFD for each.
class ByteFallback final : public Decoder {
 public:
  explicit ByteFallback(const Component& description) { description.only_keys({}); }
  void decode(std::vector<std::string>& tokens) const override;
  bool depends_on_next(const std::string& token) const override;
};

// All tokens as one.
class Fuse final : public Decoder {
 public:
  explicit Fuse(const Component& description) { description.only_keys({}); }
  void decode(std::vector<std::string>& tokens) const override;
};

// Another text for every match of a pattern.
class ReplaceDecoder final : public Decoder {
 public:
  explicit ReplaceDecoder(const Component& description);
  void decode(std::vector<std::string>& tokens) const override;

 private:
  std::unique_ptr<Pattern> pattern_;
  std::string content_;
};

// Takes a character off each token's ends, so many times at most.
class StripDecoder final : public Decoder {
 public:
  explicit StripDecoder(const Component& description);
  void decode(std::vector<std::string>& tokens) const override;
  // Whether a token is the last, that is.
  bool depends_on_next(const std::string&) const override { return stop_ > 0; }

 private:
  std::string content_;
  std::int64_t start_;
  std::int64_t stop_;
};

}  // namespace peft::host
