#include "base/shortened.h"

#include "base/utf8.h"

namespace peft::host {

std::string shortened(std::string_view message) {
  if (message.size() <= longest_message) return std::string(message);
  constexpr size_t kept_of_end = longest_message / 4;
  constexpr size_t kept_of_beginning = longest_message - kept_of_end;
  const std::string_view beginning =
      message.substr(0, complete_utf8_prefix(message.substr(0, kept_of_beginning)));
  std::string_view end = message.substr(message.size() - kept_of_end);
  const auto continues = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; };
  while (!end.empty() && continues(end.front())) end.remove_prefix(1);
  const size_t left_out = message.size() - beginning.size() - end.size();
  return std::string(beginning) + " […" + std::to_string(left_out) + " bytes…] " + std::string(end);
}

}  // namespace peft::host
