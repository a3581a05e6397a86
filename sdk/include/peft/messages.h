// Conversations as rows have them: a list of maps, each with who speaks and what is said.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "peft/dataset.h"

namespace peft {

// What the data calls things.
struct MessageNames {
  std::string role = "role";  // the key of the speaker
  std::string content = "content";
  std::map<std::string, std::string> roles = {};  // {human: user}, beside system, user and assistant
};

class MessageReader {
 public:
  // Throws `peft::UsageError` where `names.roles` names a role that is none of ours.
  explicit MessageReader(MessageNames names);

  // The turns of the list in a row's column. Refuses the row, naming the message, where something else is
  // there, for a role that nobody named, and for a system text that is not the first.
  Conversation read(const Value& row, std::string_view column, const RowSource& rows) const;

 private:
  Turn turn(const Value& message, size_t place, const RowSource& rows) const;
  const std::string& text_of(const Value& message, const std::string& key, size_t place,
                             const RowSource& rows) const;

  MessageNames names_;
};

// What the user asks first: conversations that begin alike are of one group. Empty where no user speaks.
std::string first_question(const Conversation& conversation);

// The name a row has in its column `id`, a text or a number; empty where it has none.
std::string id_in(const Value& row);

// "id, messages", for a message; "nothing" of an empty map.
std::string keys_of(const Value& map);

}  // namespace peft
