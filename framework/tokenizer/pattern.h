// What a stage looks for in a text: a literal string, or a regular expression.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "peft/value.h"

namespace peft::host {

// A stretch of a text that matches a pattern, or lies between two that do.
struct Match {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool matches = false;
};

// Immutable; any thread.
class Pattern {
 public:
  Pattern() = default;
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  virtual ~Pattern();

  // Replaces `matches` by the stretches of `text`, in order and without gaps; none is empty.
  virtual void find_all(std::string_view text, std::vector<Match>& matches) const = 0;
};

// {"String": " "} or {"Regex": "\\s+"}, as tokenizer.json writes it. Throws peft::Error for a regular
// expression that PCRE2 does not take.
std::unique_ptr<Pattern> make_pattern(const Value& description);

}  // namespace peft::host
