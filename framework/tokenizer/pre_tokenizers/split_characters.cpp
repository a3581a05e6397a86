#include "tokenizer/pre_tokenizers/split_characters.h"

#include <vector>

#include "tokenizer/character_classes.h"
#include "tokenizer/unicode_classes.h"
#include "tokenizer/utf8_characters.h"

namespace peft::host {
namespace {

using unicode::CharacterClasses;

bool is_white_space(char32_t code) {
  return unicode::class_of(code) == unicode::Class::white_space;
}

// Stretches of `text`: each character for which `matches(code)` is one, and each run of others.
template <typename Matches>
void split_characters(Words& words, SplitBehavior behavior, Matches matches) {
  std::vector<Match> stretches;
  words.split([&](std::string_view text, auto emit) {
    stretches.clear();
    for (std::size_t i = 0; i < text.size();) {
      const auto [code, length] = unicode::decode_first(text.substr(i));
      if (matches(code)) {
        stretches.push_back({i, i + length, true});
      } else if (!stretches.empty() && !stretches.back().matches) {
        stretches.back().end += length;
      } else {
        stretches.push_back({i, i + length, false});
      }
      i += length;
    }
    apply_behavior(behavior, stretches);
    for (const Match& part : stretches) emit(text.substr(part.begin, part.end - part.begin));
  });
}

}  // namespace

void WhitespaceSplit::pre_tokenize(Words& words) const {
  split_characters(words, SplitBehavior::removed, is_white_space);
}

void Whitespace::pre_tokenize(Words& words) const {
  const auto& classes = CharacterClasses::get();
  split_characters(words, SplitBehavior::removed, is_white_space);
  split_characters(words, SplitBehavior::contiguous,
                   [&](char32_t code) { return classes.has(code, CharacterClasses::word); });
}

void Digits::pre_tokenize(Words& words) const {
  const auto& classes = CharacterClasses::get();
  split_characters(words, behavior_,
                   [&](char32_t code) { return classes.has(code, CharacterClasses::digit); });
}

void Punctuation::pre_tokenize(Words& words) const {
  const auto& classes = CharacterClasses::get();
  split_characters(words, behavior_,
                   [&](char32_t code) { return classes.has(code, CharacterClasses::punctuation); });
}

}  // namespace peft::host
