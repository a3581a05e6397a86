// Conversations written as one text: "\n\nHuman: …\n\nAssistant: …".
#pragma once

#include <optional>
#include <string_view>

#include "peft/example.h"

namespace peft::preferences {

// Nothing where the text does not begin with one of the two marks. White space around a turn is not its own.
std::optional<Conversation> read_marked_turns(std::string_view text);

}  // namespace peft::preferences
