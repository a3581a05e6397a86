#include "data/human_assistant.h"

#include "peft/error.h"

namespace peft::host {
namespace {

Piece text(std::string_view text) {
  return {.text = std::string(text), .ends_text = false, .reply = false};
}
Piece reply(std::string text) {
  return {.text = std::move(text), .ends_text = false, .reply = true};
}
Piece end_of_reply() {
  return {.text = "", .ends_text = true, .reply = true};
}

}  // namespace

std::vector<Piece> HumanAssistant::render(const Turn& turn) const {
  if (turn.role == "system") return {text(turn.content), text("\n")};
  if (turn.role == "user") return {text("### Human:"), text(" " + turn.content), text("\n")};
  if (turn.role == "assistant") {
    return {text("### Assistant:"), reply(" " + turn.content), end_of_reply(), text("\n")};
  }
  throw Error("found a turn of role '" + turn.role + "', expected system, user or assistant");
}

std::vector<Piece> HumanAssistant::begin_answer() const {
  return {text("### Assistant:")};
}

}  // namespace peft::host
