#include "tokenizer/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <optional>
#include <unordered_map>

#include "peft/error.h"
#include "tokenizer/unicode_classes.h"
#include "tokenizer/utf8_characters.h"

namespace peft::host {
namespace {

using unicode::Class;

struct FreeCode {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct FreeMatch {
  void operator()(pcre2_match_data* match) const { pcre2_match_data_free(match); }
};
using CodePointer = std::unique_ptr<pcre2_code, FreeCode>;
using MatchPointer = std::unique_ptr<pcre2_match_data, FreeMatch>;

PCRE2_SPTR units(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data());
}

std::string reason(int code) {
  PCRE2_UCHAR message[256];
  pcre2_get_error_message(code, message, sizeof message);
  return reinterpret_cast<const char*>(message);
}

CodePointer compile(const std::string& expression) {
  int problem = 0;
  PCRE2_SIZE offset = 0;
  CodePointer code(
      pcre2_compile(units(expression), expression.size(), PCRE2_UTF | PCRE2_UCP, &problem, &offset, nullptr));
  if (!code) {
    throw Error("the regular expression '" + expression + "' is not understood at character " +
                std::to_string(offset + 1) + " (" + reason(problem) +
                "), expected one as Oniguruma and PCRE2 both read it; take a tokenizer with another pattern");
  }
  pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);  // where there is none, matching is slower
  return code;
}

// The first match at or after `from`; none where there is none.
std::optional<Match> find(const pcre2_code* code, pcre2_match_data* match, std::string_view text,
                          std::size_t from, std::uint32_t options) {
  const int found =
      pcre2_match(code, units(text), text.size(), from, options | PCRE2_NO_UTF_CHECK, match, nullptr);
  if (found == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (found < 0) throw Error("PCRE2 gives up: " + reason(found));
  const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(match);
  return Match{ends[0], ends[1], true};
}

// A character of a class that every version of Unicode has in it, of as many bytes in UTF-8.
char32_t stand_in(Class which, std::size_t bytes) {
  constexpr char32_t letters[] = {0xAA, 0x4E00, 0x20000};
  constexpr char32_t numbers[] = {0x660, 0x966, 0x1D7CE};
  constexpr char32_t others[] = {0xAD, 0x200B, 0xE0001};
  const std::size_t i = bytes - 2;
  return which == Class::letter ? letters[i] : which == Class::number ? numbers[i] : others[i];
}

// The characters on which PCRE2 and our tables differ, and what to show PCRE2 in their place.
std::unordered_map<char32_t, char32_t> find_stand_ins() {
  std::string all;
  for (char32_t code = 0x80; code < unicode::detail::table_end; ++code) {
    if (code < 0xD800 || code > 0xDFFF) unicode::append(all, code);
  }
  std::unordered_map<char32_t, char32_t> stand_ins;
  const CodePointer classes = compile(R"((\p{L})|(\p{N})|(\s)|[^\p{L}\p{N}\s])");
  const MatchPointer match(pcre2_match_data_create_from_pattern(classes.get(), nullptr));
  constexpr Class which[] = {Class::other, Class::letter, Class::number, Class::white_space};
  for (std::size_t from = 0; from < all.size();) {
    find(classes.get(), match.get(), all, from, PCRE2_ANCHORED);
    const PCRE2_SIZE* groups = pcre2_get_ovector_pointer(match.get());
    std::size_t group = 0;
    for (std::size_t i = 1; i <= 3; ++i) {
      if (i < pcre2_get_ovector_count(match.get()) && groups[2 * i] == from) group = i;
    }
    const auto [code, length] = unicode::decode_first(std::string_view(all).substr(from));
    const Class expected = unicode::class_of(code);
    if (which[group] != expected) stand_ins.emplace(code, stand_in(expected, length));
    from += length;
  }
  return stand_ins;
}

// `text` where it holds none of them; else a copy in `copy` with each replaced.
std::string_view with_stand_ins(std::string_view text, std::string& copy) {
  static const std::unordered_map<char32_t, char32_t> stand_ins = find_stand_ins();
  for (std::size_t i = 0; i < text.size();) {
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      ++i;
      continue;
    }
    const auto [code, length] = unicode::decode_first(text.substr(i));
    if (const auto found = stand_ins.find(code); found != stand_ins.end()) {
      if (copy.empty()) copy.assign(text);
      std::string replacement;
      unicode::append(replacement, found->second);
      copy.replace(i, length, replacement);
    }
    i += length;
  }
  return copy.empty() ? text : std::string_view(copy);
}

}  // namespace

struct Regex::Code {
  CodePointer pointer;
};

Regex::Regex(const std::string& expression)
    : code_(std::make_unique<Code>(Code{compile(expression)})), expression_(expression) {}
Regex::~Regex() = default;

void Regex::find_all(std::string_view original, std::vector<Match>& matches) const {
  matches.clear();
  std::string copy;
  const std::string_view text = with_stand_ins(original, copy);
  const MatchPointer match(pcre2_match_data_create_from_pattern(code_->pointer.get(), nullptr));
  std::size_t covered = 0;  // all before is in `matches`
  std::size_t from = 0;
  try {
    while (from < text.size()) {
      const auto found = find(code_->pointer.get(), match.get(), text, from, 0);
      if (!found) break;
      if (found->begin > covered) matches.push_back({covered, found->begin, false});
      if (found->end > found->begin) {
        matches.push_back(*found);
        covered = from = found->end;
      } else {  // an empty match: it parts what is before it from what is after
        covered = found->begin;
        if (found->begin == text.size()) break;
        from = found->begin + unicode::decode_first(text.substr(found->begin)).length;
      }
    }
  } catch (const Error& problem) {
    throw Error("the regular expression '" + expression_ + "' of the tokenizer fails on a text of " +
                std::to_string(text.size()) + " bytes (" + problem.what() +
                "), expected one that does not; shorten the text, or take a tokenizer with another pattern");
  }
  if (covered < text.size()) matches.push_back({covered, text.size(), false});
}

}  // namespace peft::host
