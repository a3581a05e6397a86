// openassistant_threads FILE best|all [TOKENIZER MAX_LENGTH]: the English threads that the plugin
// openassistant makes of a file, each as a line of JSON, {"group": …, "turns": [[role, text], …]}, and with a
// tokenizer's folder also its ids and labels by the template human_assistant. For parity with Python.
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "base/json.h"
#include "data/codec.h"
#include "data/encode_context.h"
#include "datasets/openassistant/openassistant_dataset.h"
#include "support/example_list.h"

namespace {

using namespace peft::host;
using namespace peft::test;
using peft::Value;

Value to_value(const peft::Conversation& conversation) {
  Value::List turns;
  for (const peft::Turn& turn : conversation.turns) turns.push_back(Value::List{turn.role, turn.content});
  return turns;
}

Value to_value(const std::vector<int64_t>& numbers) {
  return Value::List(numbers.begin(), numbers.end());
}

// Encodes where a tokenizer is given.
class Encoder {
 public:
  Encoder(const std::string& folder, int64_t max_length)
      : tokenizer_(load_tokenizer(folder)),
        codec_(*tokenizer_),
        context_(codec_, *form_, {.train_on = TrainOn::replies, .max_length = max_length}) {}

  void encode(const peft::Conversation& conversation, Value& line) {
    const peft::EncodedSequence sequence = context_.render(conversation);
    line.set("ids", to_value(sequence.ids));
    line.set("labels", to_value(sequence.labels));
  }

 private:
  std::unique_ptr<Tokenizer> tokenizer_;
  TokenizerCodec codec_;
  std::unique_ptr<ConversationTemplate> form_ = make_template("human_assistant", {});
  HostEncodeContext context_;
};

void write_threads(const std::string& file, const std::string& replies, Encoder* encoder) {
  const peft::openassistant::OpenAssistantDataset dataset({.lang = {"en"}, .replies = replies});
  const ExampleList list = read_examples(dataset, peft::openassistant::descriptor(), {file});
  for (const peft::Example& example : list.examples) {
    const auto& conversation = std::get<peft::Conversation>(example.content);
    Value line = Value::Map{{"group", example.group}, {"turns", to_value(conversation)}};
    if (encoder != nullptr) encoder->encode(conversation, line);
    std::cout << dump_json(line) << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 5) {
    std::cerr << "usage: openassistant_threads FILE best|all [TOKENIZER MAX_LENGTH]\n";
    return 2;
  }
  try {
    const auto encoder = argc == 5 ? std::make_unique<Encoder>(argv[3], std::stoll(argv[4])) : nullptr;
    write_threads(argv[1], argv[2], encoder.get());
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
