#include "tokenizer/graphemes.h"

#include <cstdint>
#include <vector>

#include "tokenizer/grapheme_classes_table.h"
#include "tokenizer/utf8_characters.h"

namespace peft::host::unicode {
namespace {

constexpr char32_t non_joiner = 0x200C;
constexpr char32_t joiner = 0x200D;
constexpr CodePointRange flag_half_ranges[] = {{0x1F1E6, 0x1F1FF}};
constexpr CodePointRange joiner_ranges[] = {{joiner, joiner}};
constexpr CodePointRange syllables = {0xAC00, 0xD7A3};
constexpr char32_t syllables_a_vowel = 28;  // the first has no trailing consonant

enum class Part : std::uint8_t {
  other,
  control,
  prepend,
  extend,
  linker,  // extends, and links consonants
  joiner,
  spacing_mark,
  pictograph,
  consonant,
  flag_half,
  leading,  // Jamo and syllables
  vowel,
  trailing,
  open_syllable,
  closed_syllable,
};

class Parts {
 public:
  static const Parts& get() {
    static const Parts parts;
    return parts;
  }
  Part of(char32_t code) const { return parts_[code]; }

 private:
  Parts() : parts_(0x110000) {
    mark(control_ranges, Part::control);
    mark(prepend_ranges, Part::prepend);
    mark(extend_ranges, Part::extend);
    mark(linker_ranges, Part::linker);
    mark(joiner_ranges, Part::joiner);
    mark(spacing_mark_ranges, Part::spacing_mark);
    mark(pictograph_ranges, Part::pictograph);
    mark(consonant_ranges, Part::consonant);
    mark(flag_half_ranges, Part::flag_half);
    mark(leading_ranges, Part::leading);
    mark(vowel_ranges, Part::vowel);
    mark(trailing_ranges, Part::trailing);
    for (char32_t code = syllables.first; code <= syllables.last; ++code) {
      const bool open = (code - syllables.first) % syllables_a_vowel == 0;
      parts_[code] = open ? Part::open_syllable : Part::closed_syllable;
    }
  }

  template <typename Ranges>
  void mark(const Ranges& ranges, Part part) {
    for (const CodePointRange& range : ranges) {
      for (char32_t code = range.first; code <= range.last; ++code) parts_[code] = part;
    }
  }

  std::vector<Part> parts_;  // of all code points; untouched pages cost nothing
};

// What of a cluster decides whether it goes on. The rules' names are the annex's.
class Cluster {
 public:
  explicit Cluster(char32_t first) { add(first, Parts::get().of(first)); }

  // Adds the code point, if it belongs to the cluster.
  bool take(char32_t next) {
    const Part part = Parts::get().of(next);
    if (!joins(next, part)) return false;
    add(next, part);
    return true;
  }

 private:
  bool joins(char32_t next, Part part) const {
    if (last_ == Part::control || part == Part::control) return code_ == '\r' && next == '\n';  // GB3 to 5
    switch (part) {
      case Part::extend:
      case Part::linker:
      case Part::joiner:
      case Part::spacing_mark: return true;  // GB9, GB9a
      default: break;
    }
    if (last_ == Part::prepend) return true;  // GB9b
    switch (part) {
      case Part::leading:
      case Part::open_syllable:
      case Part::closed_syllable: return last_ == Part::leading;            // GB6
      case Part::vowel: return last_ == Part::leading || takes_vowel();     // GB6, GB7
      case Part::trailing: return takes_vowel() || takes_trailing();        // GB7, GB8
      case Part::consonant: return conjunct_ == Conjunct::linked;           // GB9c
      case Part::pictograph: return emoji_ == Emoji::joined;                // GB11
      case Part::flag_half: return last_ == Part::flag_half && half_flag_;  // GB12
      default: return false;
    }
  }

  bool takes_vowel() const { return last_ == Part::vowel || last_ == Part::open_syllable; }
  bool takes_trailing() const { return last_ == Part::trailing || last_ == Part::closed_syllable; }

  void add(char32_t code, Part part) {
    const bool extends = part == Part::extend || part == Part::linker;
    if (part == Part::pictograph) {
      emoji_ = Emoji::begun;
    } else if (!(extends && emoji_ == Emoji::begun)) {
      emoji_ = part == Part::joiner && emoji_ == Emoji::begun ? Emoji::joined : Emoji::none;
    }
    if (part == Part::consonant) {
      conjunct_ = Conjunct::begun;
    } else if (!(extends || part == Part::joiner) || code == non_joiner) {
      conjunct_ = Conjunct::none;
    } else if (part == Part::linker && conjunct_ == Conjunct::begun) {
      conjunct_ = Conjunct::linked;
    }
    half_flag_ = part == Part::flag_half && !half_flag_;
    code_ = code;
    last_ = part;
  }

  enum class Emoji : std::uint8_t { none, begun, joined };
  enum class Conjunct : std::uint8_t { none, begun, linked };

  char32_t code_ = 0;
  Part last_ = Part::other;
  Emoji emoji_ = Emoji::none;           // a pictograph and what extends it; then a joiner
  Conjunct conjunct_ = Conjunct::none;  // a consonant and what extends it; then with a linker
  bool half_flag_ = false;
};

}  // namespace

std::size_t first_grapheme(std::string_view text) {
  const Decoded first = decode_first(text);
  Cluster cluster(first.code);
  std::size_t end = first.length;
  while (end < text.size()) {
    const Decoded next = decode_first(text.substr(end));
    if (!cluster.take(next.code)) break;
    end += next.length;
  }
  return end;
}

}  // namespace peft::host::unicode
