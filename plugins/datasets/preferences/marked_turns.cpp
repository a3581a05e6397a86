#include "marked_turns.h"

#include <algorithm>
#include <string>

namespace peft::preferences {
namespace {

constexpr std::string_view human = "\n\nHuman:";
constexpr std::string_view assistant = "\n\nAssistant:";

std::string trimmed(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  const size_t first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(white) - first + 1));
}

}  // namespace

std::optional<Conversation> read_marked_turns(std::string_view text) {
  Conversation conversation;
  while (!text.empty()) {
    const bool asks = text.starts_with(human);
    if (!asks && !text.starts_with(assistant)) return {};
    text.remove_prefix((asks ? human : assistant).size());
    const size_t end = std::min({text.find(human), text.find(assistant), text.size()});
    conversation.turns.push_back(
        {.role = asks ? "user" : "assistant", .content = trimmed(text.substr(0, end))});
    text.remove_prefix(end);
  }
  if (conversation.turns.empty()) return {};
  return conversation;
}

}  // namespace peft::preferences
