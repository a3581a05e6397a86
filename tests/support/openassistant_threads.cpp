// openassistant_threads FILE best|all: the English threads that the plugin openassistant makes of a file,
// each as a line of JSON, {"group": …, "turns": [[role, text], …]}. For parity with Python.
#include "datasets/openassistant/openassistant_dataset.h"

#include <exception>
#include <iostream>

#include "base/json.h"
#include "data/example_list.h"

namespace {

using peft::Value;

Value to_value(const peft::Example& example) {
  Value::List turns;
  for (const peft::Turn& turn : std::get<peft::Conversation>(example.content).turns) {
    turns.push_back(Value::List{turn.role, turn.content});
  }
  return Value::Map{{"group", example.group}, {"turns", std::move(turns)}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: openassistant_threads FILE best|all\n";
    return 2;
  }
  try {
    const peft::openassistant::OpenAssistantDataset dataset({.lang = {"en"}, .replies = argv[2]});
    const peft::host::ExampleList list =
        peft::host::read_examples(dataset, peft::openassistant::descriptor(), {argv[1]});
    for (const peft::Example& example : list.examples) {
      std::cout << peft::host::dump_json(to_value(example)) << '\n';
    }
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
