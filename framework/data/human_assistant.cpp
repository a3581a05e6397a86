#include "data/human_assistant.h"

#include "peft/error.h"

namespace peft::host {
namespace {

Piece own(std::string_view text) {
  return {.text = std::string(text)};
}
Piece content(std::string text) {
  return {.text = std::move(text), .content = true};
}
Piece reply(std::string text) {
  return {.text = std::move(text), .reply = true, .content = true};
}
Piece end_of_reply() {
  return {.text = "", .ends_text = true, .reply = true};
}

}  // namespace

std::vector<Piece> HumanAssistant::render(const Turn& turn) const {
  if (turn.role == "system") return {content(turn.content), own("\n")};
  if (turn.role == "user") return {own("### Human:"), content(" " + turn.content), own("\n")};
  if (turn.role == "assistant") {
    return {own("### Assistant:"), reply(" " + turn.content), end_of_reply(), own("\n")};
  }
  throw Error("found a turn of role '" + turn.role + "', expected system, user or assistant");
}

std::vector<Piece> HumanAssistant::begin_answer() const {
  return {own("### Assistant:")};
}

}  // namespace peft::host
