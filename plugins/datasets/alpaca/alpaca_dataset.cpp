#include "alpaca_dataset.h"

#include <string>
#include <utility>

namespace peft::alpaca {
namespace {

// Empty where the row has no input, or null.
std::string input_of(const Value& row, const RowSource& rows) {
  const Value* input = row.find("input");
  if (input == nullptr || input->is_null()) return "";
  return text_in(row, "input", rows);
}

}  // namespace

void AlpacaDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  const std::string& instruction = text_in(row, "instruction", rows);
  const std::string& output = text_in(row, "output", rows);
  const std::string input = input_of(row, rows);
  if (instruction.empty()) return examples.count("rows with an empty instruction");
  if (output.empty()) return examples.count("rows with an empty output");
  std::string question = input.empty() ? instruction : instruction + "\n\n" + input;
  examples.add({.content = Conversation{{{"user", question}, {"assistant", output}}}, .group = question});
}

DatasetDescriptor descriptor() {
  return {
      .name = "alpaca",
      .summary = "an instruction a row, with input or without, and its output: a user's turn and an answer",
      .columns = {"instruction", "output"},
      .optional_columns = {"input"},
      .options = {},
      .create = [](const Value&) { return std::make_unique<AlpacaDataset>(); }};
}

}  // namespace peft::alpaca
