#include "base/shell.h"

#include <algorithm>

namespace peft::host {

std::string shell_quoted(std::string_view word) {
  constexpr std::string_view plain = "-_./=:,+@%";
  const bool is_plain = !word.empty() && std::all_of(word.begin(), word.end(), [&](char character) {
    const auto byte = static_cast<unsigned char>(character);
    const bool letter_or_digit = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                                 (byte >= 'a' && byte <= 'z') || byte >= 0x80;
    return letter_or_digit || plain.find(character) != std::string_view::npos;
  });
  if (is_plain) return std::string(word);
  std::string quoted = "'";
  for (const char character : word) {
    if (character == '\'') {
      quoted += "'\\''";
    } else {
      quoted += character;
    }
  }
  return quoted + "'";
}

std::string typed_path(const std::filesystem::path& path) {
  const std::filesystem::path relative = path.lexically_relative(std::filesystem::current_path());
  const bool is_below = !relative.empty() && *relative.begin() != "..";
  return (is_below ? relative : path).string();
}

}  // namespace peft::host
