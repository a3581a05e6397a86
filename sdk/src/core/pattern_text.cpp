#include "peft/pattern_text.h"

#include <utility>

#include "peft/error.h"

namespace peft {

PatternText::PatternText(std::string_view option, std::string text, std::string_view name)
    : text_(std::move(text)), place_("{" + std::string(name) + "}") {
  if (filled("").find_first_of("{}") == std::string::npos) return;
  throw UsageError("'" + std::string(option) + "' is '" + text_ + "', expected no braces but those of " +
                   place_);
}

std::string PatternText::filled(std::string_view value) const {
  std::string result = text_;
  for (size_t at = result.find(place_); at != std::string::npos;
       at = result.find(place_, at + value.size())) {
    result.replace(at, place_.size(), value);
  }
  return result;
}

}  // namespace peft
