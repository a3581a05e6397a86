// SentencePiece's way with spaces: written as a character of their own, ▁, which also begins a text.
#pragma once

#include <string>
#include <string_view>

#include "tokenizer/component.h"

namespace peft::host {

inline constexpr std::string_view meta_space = "\u2581";  // ▁

// What Metaspace's pre-tokenizer and decoder have in common, as tokenizer.json writes it: {"replacement":
// "▁", "prepend_scheme": "first", "split": true}, or in older files {"replacement": "▁", "add_prefix_space":
// true}.
struct MetaSpace {
  enum class Prepend { always, first, never };  // `first`: only where the text begins

  explicit MetaSpace(const Component& description);

  std::string replacement;
  Prepend prepend = Prepend::always;
  bool split = true;
};

}  // namespace peft::host
