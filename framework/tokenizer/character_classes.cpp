#include "tokenizer/character_classes.h"

#include <algorithm>
#include <iterator>

#include "tokenizer/character_classes_table.h"

namespace peft::host::unicode {
namespace {

constexpr char32_t capital_i_with_dot = 0x130;

}  // namespace

CharacterClasses::CharacterClasses() : classes_(0x110000) {
  const auto mark_all = [&](const auto& ranges, Mask mask) {
    for (const CodePointRange& range : ranges) {
      for (char32_t code = range.first; code <= range.last; ++code) classes_[code] |= mask;
    }
  };
  mark_all(removed_ranges, removed);
  mark_all(punctuation_ranges, punctuation);
  mark_all(nonspacing_mark_ranges, nonspacing_mark);
  mark_all(mark_ranges, mark);
  mark_all(digit_ranges, digit);
  mark_all(word_ranges, word);
  mark_all(nfd_ranges, nfd);
  for (const LowerCaseRange& range : lower_case_ranges) {
    for (char32_t code = range.first; code <= range.last; code += range.step) classes_[code] |= upper;
  }
  classes_[capital_i_with_dot] |= upper;
}

const CharacterClasses& CharacterClasses::get() {
  static const CharacterClasses classes;
  return classes;
}

char32_t CharacterClasses::lower_case(char32_t code) const {
  if (!has(code, upper)) return code;
  if (code == capital_i_with_dot) return U'i';
  // Ranges may be interleaved: of those that begin at or before the code, the last that reaches it by steps.
  const auto* after =
      std::upper_bound(std::begin(lower_case_ranges), std::end(lower_case_ranges), code,
                       [](char32_t value, const LowerCaseRange& range) { return value < range.first; });
  while (after != std::begin(lower_case_ranges)) {
    --after;
    if (code <= after->last && (code - after->first) % after->step == 0) {
      return static_cast<char32_t>(static_cast<int>(code) + after->distance);
    }
  }
  return code;  // not reached: every code of class `upper` is in a range
}

}  // namespace peft::host::unicode
