// WordPiece's: a space before every token that does not go on in a word; punctuation as it is written.
#pragma once

#include "tokenizer/component.h"
#include "tokenizer/decoder.h"

namespace peft::host {

class WordPieceDecoder final : public Decoder {
 public:
  explicit WordPieceDecoder(const Component& description)
      : prefix_(description.text("prefix", "##")), cleanup_(description.flag("cleanup", true)) {
    description.only_keys({"prefix", "cleanup"});
  }

  void decode(std::vector<std::string>& tokens) const override;

 private:
  std::string prefix_;
  bool cleanup_;
};

}  // namespace peft::host
