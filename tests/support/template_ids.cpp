// template_ids TOKENIZER: reads a conversation a line, {"template": NAME, "model" or texts, "turns": [[role,
// text], …], "answer": whether it is to be answered}, and writes its ids and labels a line, {"ids": …,
// "labels": …}; of one to be answered the ids alone; and of a line without turns the template as it is
// exported, {"jinja": …}. For parity with Python.
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "base/json.h"
#include "data/chat_template.h"
#include "data/codec.h"
#include "data/encode_context.h"
#include "data/read_model_template.h"
#include "templates/named_templates.h"

namespace {

using namespace peft::host;
using peft::Value;

constexpr int64_t without_limit = int64_t{1} << 40;

std::optional<std::string> text_at(const Value& map, const char* key) {
  const Value* text = map.find(key);
  return text == nullptr || text->is_null() ? std::nullopt : std::optional(text->as_text());
}

// "model" is the template that the folder comes with.
TemplateChoice choice_of(const Value& value, const std::string& folder) {
  static std::optional<TemplateTexts> own;
  if (value == Value("model")) return own ? *own : own.emplace(read_model_template(folder));
  if (value.is_text()) return value.as_text();
  return TemplateTexts{.begin = text_at(value, "begin").value_or(""),
                       .system = text_at(value, "system"),
                       .default_system = text_at(value, "default_system"),
                       .user = value.at("user").as_text(),
                       .assistant = value.at("assistant").as_text()};
}

peft::Conversation conversation_of(const Value& turns) {
  peft::Conversation conversation;
  for (const Value& turn : turns.as_list()) {
    conversation.turns.push_back({turn.as_list().at(0).as_text(), turn.as_list().at(1).as_text()});
  }
  return conversation;
}

Value ids_of(const std::vector<int64_t>& ids) {
  return Value::List(ids.begin(), ids.end());
}

TemplateTexts texts_of(const TemplateChoice& choice) {
  const auto* name = std::get_if<std::string>(&choice);
  return name != nullptr ? named_template(*name) : std::get<TemplateTexts>(choice);
}

Value encoded(const Tokenizer& tokenizer, const std::string& folder, const Value& line) {
  const TokenizerCodec codec(tokenizer);
  const TemplateChoice choice = choice_of(line.at("template"), folder);
  if (line.find("turns") == nullptr) return Value::Map{{"jinja", chat_template_of(texts_of(choice), codec)}};
  const auto form = make_template(choice, template_tokens(tokenizer));
  HostEncodeContext context(codec, *form, {.max_length = without_limit});
  const peft::Conversation conversation = conversation_of(line.at("turns"));
  if (line.at("answer").as_boolean()) {
    return Value::Map{{"ids", ids_of(context.render_prompt(conversation, without_limit))}};
  }
  const peft::EncodedSequence sequence = context.render(conversation);
  return Value::Map{{"ids", ids_of(sequence.ids)}, {"labels", ids_of(sequence.labels)}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: template_ids TOKENIZER < LINES\n";
    return 2;
  }
  try {
    const std::unique_ptr<Tokenizer> tokenizer = load_tokenizer(argv[1]);
    for (std::string line; std::getline(std::cin, line);) {
      std::cout << dump_json(encoded(*tokenizer, argv[1], parse_json(line))) << '\n';
    }
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
