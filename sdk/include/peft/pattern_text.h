// An option's text with a place in it that every row fills: "Write a {label} film review."
#pragma once

#include <string>
#include <string_view>

namespace peft {

class PatternText {
 public:
  // Throws `peft::UsageError` naming `option` where `text` has braces around anything but `name`.
  PatternText(std::string_view option, std::string text, std::string_view name);

  std::string filled(std::string_view value) const;

 private:
  std::string text_;
  std::string place_;  // "{name}"
};

}  // namespace peft
