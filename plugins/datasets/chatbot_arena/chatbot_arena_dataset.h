// Battles of two models over one question (lmsys/chatbot_arena_conversations), or single sides of such.
#pragma once

#include <string>
#include <vector>

#include "peft/messages.h"
#include "peft/options.h"
#include "peft/row_dataset.h"

namespace peft::chatbot_arena {

struct ChatbotArenaOptions {
  std::string sides = "winner";
  std::vector<std::string> language;
};

// A row is a battle (conversation_a, conversation_b, winner) or a single side (messages). Both sides, and all
// battles over the same question, are one group.
class ChatbotArenaDataset : public RowDataset {
 public:
  explicit ChatbotArenaDataset(ChatbotArenaOptions options);
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override;

 private:
  bool is_wanted_language(const Value& row, const RowSource& rows) const;
  // Which of the columns conversation_a and conversation_b are wanted; counts a battle that is left out.
  std::vector<std::string> sides_of(const Value& row, const RowSource& rows, ExampleSink& counts) const;
  void add_side(const Value& row, const std::string& column, const RowSource& rows,
                ExampleSink& examples) const;

  ChatbotArenaOptions options_;
  MessageReader messages_;
};

DatasetDescriptor descriptor();

}  // namespace peft::chatbot_arena
