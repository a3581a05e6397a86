// OpenAssistant's messages, from rows of either form: a message a row, or a tree a row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "peft/dataset.h"

namespace peft::openassistant {

struct Message {
  std::string id;                // may be empty in a tree
  std::string parent_id;         // empty: a root
  std::optional<size_t> parent;  // its number among the messages, once known
  std::string tree;
  std::string text;
  bool from_assistant = false;
  std::optional<double> rank;  // 0 is best; assistants' replies with siblings mostly have one
  std::string lang;            // empty: not told
  bool deleted = false;
};

// All messages in file order; a tree's replies stand after what they reply to. Every parent that is among the
// messages is known by number. A message whose id came before is counted and left out. Throws `peft::Error`
// naming the row that is neither a message nor a tree.
std::vector<Message> read_messages(RowSource& rows, ExampleSink& counts);

}  // namespace peft::openassistant
