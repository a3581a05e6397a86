// The normalization that is compiled into a SentencePiece model: a table of strings and what they become.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "tokenizer/component.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/normalizers/double_array.h"

namespace peft::host {

// As Hugging Face's does it: a character as its reader sees it (a grapheme cluster), if shorter than six
// bytes, becomes what the shortest entry that begins it becomes; else each of its code points does.
class Precompiled final : public Normalizer {
 public:
  // `precompiled_charsmap` is in base 64.
  explicit Precompiled(const Component& description);

  void normalize(std::string& text) const override;

 private:
  std::optional<std::string_view> find(std::string_view characters) const;
  void append(std::string_view grapheme, std::string& normalized) const;
  void append_graphemes(std::string_view text, std::string& normalized) const;

  DoubleArray trie_;
  std::string strings_;              // what the entries become, each ended by a zero
  std::array<bool, 128> changes_{};  // which single bytes have an entry
};

}  // namespace peft::host
