#include "porter_stemmer.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

namespace peft::rouge {
namespace {

bool is_vowel(char letter) {
  return letter == 'a' || letter == 'e' || letter == 'i' || letter == 'o' || letter == 'u';
}

// Of each letter whether it is a consonant; a y is one unless a consonant stands before it.
std::vector<bool> consonants(std::string_view word) {
  std::vector<bool> flags;
  for (const char letter : word) {
    flags.push_back(letter == 'y' ? flags.empty() || !flags.back() : !is_vowel(letter));
  }
  return flags;
}

// m in the form [C](VC){m}[V] that every word has.
int measure(std::string_view stem) {
  const std::vector<bool> flags = consonants(stem);
  int count = 0;
  for (size_t i = 1; i < flags.size(); ++i) count += !flags[i - 1] && flags[i] ? 1 : 0;
  return count;
}

bool has_vowel(std::string_view stem) {
  const std::vector<bool> flags = consonants(stem);
  return std::ranges::find(flags, false) != flags.end();
}

bool ends_in_consonant(std::string_view word) {
  return !word.empty() && consonants(word).back();
}

// Porter's *d.
bool ends_in_double_consonant(std::string_view word) {
  return word.size() >= 2 && word.back() == word[word.size() - 2] && ends_in_consonant(word);
}

// Porter's *o: consonant, vowel, consonant other than w, x and y; to NLTK a word of vowel and consonant too.
bool ends_short(std::string_view word) {
  const std::vector<bool> flags = consonants(word);
  const size_t n = word.size();
  if (n == 2) return !flags[0] && flags[1];
  return n >= 3 && flags[n - 3] && !flags[n - 2] && flags[n - 1] && word.back() != 'w' &&
         word.back() != 'x' && word.back() != 'y';
}

std::string_view without(std::string_view word, std::string_view suffix) {
  return word.substr(0, word.size() - suffix.size());
}

struct Rule {
  std::string_view suffix;
  std::string_view replacement;
};

// The first rule whose suffix the word has is the one that counts: it acts where `may` holds for the stem.
template <class Condition>
std::string apply(std::string_view word, std::span<const Rule> rules, const Condition& may) {
  for (const Rule& rule : rules) {
    if (!word.ends_with(rule.suffix)) continue;
    const std::string_view stem = without(word, rule.suffix);
    return may(rule, stem) ? std::string(stem).append(rule.replacement) : std::string(word);
  }
  return std::string(word);
}

// Plurals.
std::string step_1a(std::string_view word) {
  if (word.size() == 4 && word.ends_with("ies")) return std::string(word.substr(0, 3));
  static constexpr std::array rules = {Rule{"sses", "ss"}, Rule{"ies", "i"}, Rule{"ss", "ss"}, Rule{"s", ""}};
  return apply(word, rules, [](const Rule&, std::string_view) { return true; });
}

// What is left once -ed or -ing is gone gets an ending that later steps know.
std::string mended(std::string_view stem) {
  for (const std::string_view ending : {"at", "bl", "iz"}) {
    if (stem.ends_with(ending)) return std::string(stem) + "e";
  }
  if (ends_in_double_consonant(stem)) {
    const bool stays = stem.back() == 'l' || stem.back() == 's' || stem.back() == 'z';
    return std::string(stays ? stem : stem.substr(0, stem.size() - 1));
  }
  return std::string(stem) + (measure(stem) == 1 && ends_short(stem) ? "e" : "");
}

// -ed and -ing.
std::string step_1b(std::string_view word) {
  if (word.ends_with("ied")) return std::string(without(word, word.size() == 4 ? "d" : "ed"));
  if (word.ends_with("eed"))
    return std::string(measure(without(word, "eed")) > 0 ? without(word, "d") : word);
  for (const std::string_view suffix : {"ed", "ing"}) {
    if (word.ends_with(suffix) && has_vowel(without(word, suffix))) return mended(without(word, suffix));
  }
  return std::string(word);
}

// -y behind a consonant.
std::string step_1c(std::string_view word) {
  if (!word.ends_with('y')) return std::string(word);
  const std::string_view stem = without(word, "y");
  return stem.size() > 1 && ends_in_consonant(stem) ? std::string(stem) + "i" : std::string(word);
}

std::string step_2(std::string_view word) {
  if (word.ends_with("alli") && measure(without(word, "alli")) > 0) return step_2(without(word, "li"));
  static constexpr std::array rules = {
      Rule{"ational", "ate"}, Rule{"tional", "tion"}, Rule{"enci", "ence"},   Rule{"anci", "ance"},
      Rule{"izer", "ize"},    Rule{"bli", "ble"},     Rule{"alli", "al"},     Rule{"entli", "ent"},
      Rule{"eli", "e"},       Rule{"ousli", "ous"},   Rule{"ization", "ize"}, Rule{"ation", "ate"},
      Rule{"ator", "ate"},    Rule{"alism", "al"},    Rule{"iveness", "ive"}, Rule{"fulness", "ful"},
      Rule{"ousness", "ous"}, Rule{"aliti", "al"},    Rule{"iviti", "ive"},   Rule{"biliti", "ble"},
      Rule{"fulli", "ful"},   Rule{"logi", "log"}};
  // Of -logi the l counts to the stem.
  return apply(word, rules, [&](const Rule& rule, std::string_view stem) {
    return measure(rule.suffix == "logi" ? without(word, "ogi") : stem) > 0;
  });
}

std::string step_3(std::string_view word) {
  static constexpr std::array rules = {Rule{"icate", "ic"}, Rule{"ative", ""},  Rule{"alize", "al"},
                                       Rule{"iciti", "ic"}, Rule{"ical", "ic"}, Rule{"ful", ""},
                                       Rule{"ness", ""}};
  return apply(word, rules, [](const Rule&, std::string_view stem) { return measure(stem) > 0; });
}

std::string step_4(std::string_view word) {
  static constexpr std::array rules = {Rule{"al", ""},    Rule{"ance", ""}, Rule{"ence", ""}, Rule{"er", ""},
                                       Rule{"ic", ""},    Rule{"able", ""}, Rule{"ible", ""}, Rule{"ant", ""},
                                       Rule{"ement", ""}, Rule{"ment", ""}, Rule{"ent", ""},  Rule{"ion", ""},
                                       Rule{"ou", ""},    Rule{"ism", ""},  Rule{"ate", ""},  Rule{"iti", ""},
                                       Rule{"ous", ""},   Rule{"ive", ""},  Rule{"ize", ""}};
  return apply(word, rules, [](const Rule& rule, std::string_view stem) {
    return measure(stem) > 1 && (rule.suffix != "ion" || stem.back() == 's' || stem.back() == 't');
  });
}

// -e at the end, and one of two l.
std::string step_5(std::string word) {
  if (word.ends_with('e')) {
    const std::string_view stem = without(word, "e");
    const int m = measure(stem);
    if (m > 1 || (m == 1 && !ends_short(stem))) word.pop_back();
  }
  if (word.ends_with("ll") && measure(without(word, "l")) > 1) word.pop_back();
  return word;
}

// Words that NLTK has a stem for.
std::string_view irregular(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> stems = {
      {{"sky", "sky"},
       {"skies", "sky"},
       {"dying", "die"},
       {"lying", "lie"},
       {"tying", "tie"},
       {"news", "news"},
       {"innings", "inning"},
       {"inning", "inning"},
       {"outings", "outing"},
       {"outing", "outing"},
       {"cannings", "canning"},
       {"canning", "canning"},
       {"howe", "howe"},
       {"proceed", "proceed"},
       {"exceed", "exceed"},
       {"succeed", "succeed"}}};
  const auto* const found =
      std::ranges::find(stems, word, &std::pair<std::string_view, std::string_view>::first);
  return found == stems.end() ? std::string_view() : found->second;
}

}  // namespace

std::string porter_stem(std::string_view word) {
  if (const std::string_view stem = irregular(word); !stem.empty()) return std::string(stem);
  if (word.size() <= 2) return std::string(word);
  return step_5(step_4(step_3(step_2(step_1c(step_1b(step_1a(word)))))));
}

}  // namespace peft::rouge
