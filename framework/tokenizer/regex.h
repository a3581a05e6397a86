// Regular expressions over Unicode, by PCRE2.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/pattern.h"

namespace peft::host {

// Letters, numbers and white space are those of unicode_classes.h, whatever Unicode the installed PCRE2
// knows: characters on which the two differ are matched as others of their class.
class Regex final : public Pattern {
 public:
  // Throws peft::Error naming the place in the expression.
  explicit Regex(const std::string& expression);
  ~Regex() override;

  // Throws peft::Error where a text asks for more backtracking than PCRE2's limit.
  void find_all(std::string_view text, std::vector<Match>& matches) const override;

 private:
  struct Code;
  std::unique_ptr<Code> code_;
  std::string expression_;  // for messages
};

}  // namespace peft::host
