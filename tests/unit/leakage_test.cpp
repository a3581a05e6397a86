// No group on both sides: of a split, and of training and validation data that are files of their own.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <numeric>
#include <set>

#include "data/example_group.h"
#include "data/split.h"
#include "datasets/alpaca/alpaca_dataset.h"
#include "datasets/awesome_prompts/awesome_prompts_dataset.h"
#include "datasets/chatbot_arena/chatbot_arena_dataset.h"
#include "datasets/conversations/conversations_dataset.h"
#include "datasets/imdb/imdb_dataset.h"
#include "datasets/labelled_text/labelled_text_dataset.h"
#include "datasets/openassistant/openassistant_dataset.h"
#include "datasets/pairs/pairs_dataset.h"
#include "datasets/preferences/preferences_dataset.h"
#include "datasets/sharegpt/sharegpt_dataset.h"
#include "datasets/summaries/summaries_dataset.h"
#include "datasets/text/text_dataset.h"
#include "peft/messages.h"
#include "support/example_list.h"
#include "support/temporary_folder.h"

using namespace peft;
using namespace peft::host;
using namespace peft::test;
namespace fs = std::filesystem;

namespace {

// What is asked of a model: a text or the first turn.
std::string asked(const Example& example) {
  if (const auto* text = std::get_if<Text>(&example.content)) return text->text;
  if (const auto* labelled = std::get_if<LabelledText>(&example.content)) return labelled->text;
  if (const auto* pair = std::get_if<SourceTarget>(&example.content)) return pair->source;
  if (const auto* both = std::get_if<Preference>(&example.content)) return first_question(both->prompt);
  return std::get<Conversation>(example.content).turns.at(0).content;
}

// What stands on one side of a split.
struct Side {
  std::set<std::string> groups;
  std::set<std::string> texts;

  Side(const std::vector<Example>& examples, const std::vector<size_t>& numbers) {
    for (const size_t number : numbers) {
      groups.insert(examples[number].group);
      texts.insert(asked(examples[number]));
    }
  }
};

size_t in_common(const std::set<std::string>& a, const std::set<std::string>& b) {
  size_t count = 0;
  for (const std::string& each : a) count += b.contains(each) ? 1 : 0;
  return count;
}

void check_split(const ExampleList& list, bool by_content) {
  std::vector<std::string_view> groups;
  for (const Example& example : list.examples) groups.push_back(example.group);
  for (const int64_t seed : {1, 42}) {
    const Split split = split_by_group(groups, 0.2, seed);
    const Side train(list.examples, split.train);
    const Side validation(list.examples, split.validation);
    CHECK(!validation.groups.empty());
    CHECK(in_common(validation.groups, train.groups) == 0);
    if (by_content) CHECK(in_common(validation.texts, train.texts) == 0);
  }
}

std::vector<uint64_t> groups_across(const ExampleList& list) {
  std::vector<uint64_t> groups;
  for (const Example& example : list.examples) groups.push_back(group_across_sources(example));
  return groups;
}

// The numbers of what is left of the first to train on, beside the second.
std::vector<size_t> left_beside(const ExampleList& training, const ExampleList& validation) {
  std::vector<size_t> numbers(training.examples.size());
  std::iota(numbers.begin(), numbers.end(), size_t{0});
  leave_out_groups(numbers, groups_across(training), groups_across(validation));
  return numbers;
}

ExampleList dialogues_in(const std::vector<fs::path>& files) {
  return read_examples(peft::conversations::ConversationsDataset({}), peft::conversations::descriptor(),
                       files);
}

ExampleList reviews(const fs::path& file) {
  return read_examples(labelled_text::LabelledTextDataset({}), labelled_text::descriptor(), {file});
}

fs::path real_data() {
  const char* shared = std::getenv("PEFT_SHARED_DATA");
  fs::path data = fs::path(shared == nullptr ? "" : shared) / "data";
  if (!fs::exists(data / "imdb")) WARN("skipped: the data folder is not at hand (PEFT_SHARED_DATA)");
  return data;
}

}  // namespace

TEST_CASE("Validation data of its own: training leaves out what asks the same") {
  const TemporaryFolder folder;
  const ExampleList training = reviews(folder.write("a.csv", "text,label\ngood,1\nbad,0\nfine,1\nbad,1\n"));
  const ExampleList validation = reviews(folder.write("b.csv", "text,label\nawful,0\nbad,0\n"));
  CHECK(left_beside(training, validation) == std::vector<size_t>{0, 2});
}

TEST_CASE("Two files that number their conversations alike have nothing else in common") {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::string& first, const std::string& second) {
    std::string rows;
    for (const std::string& text : {first, second}) {
      rows += R"({"id": )" + std::to_string(rows.empty() ? 0 : 1) +
              R"(, "messages": [{"role": "user", "content": ")" + text +
              R"("}, {"role": "assistant", "content": "yes"}]})" + "\n";
    }
    return dialogues_in({folder.write(name, rows)});
  };
  const ExampleList training = write("a.jsonl", "one", "two");
  CHECK(left_beside(training, write("b.jsonl", "three", "two")) == std::vector<size_t>{0});
  CHECK(left_beside(training, write("c.jsonl", "two", "one")) == std::vector<size_t>{0, 1});
}

TEST_CASE("Whatever the dataset, nothing that is held out was asked in training") {
  // Thirty questions, each there four times in an order of chance, each time with another answer.
  const auto check = [](const Dataset& dataset, const DatasetDescriptor& descriptor,
                        const std::function<std::string(const std::string& question, int answer)>& row) {
    INFO(descriptor.name);
    const TemporaryFolder folder;
    std::string rows;
    for (int i = 0; i < 120; ++i) {
      const int question = i * 7 % 30;
      rows += row("question " + std::to_string(question), i) + "\n";
    }
    const ExampleList list = read_examples(dataset, descriptor, {folder.write("rows.jsonl", rows)});
    CHECK(list.examples.size() == 120);
    check_split(list, true);
  };
  const auto quoted = [](const std::string& text) { return "\"" + text + "\""; };
  const auto pair_of = [&](const char* asked, const char* answered) {
    return [=](const std::string& question, int answer) {
      return "{" + quoted(asked) + ": " + quoted(question) + ", " + quoted(answered) + ": " +
             quoted("answer " + std::to_string(answer)) + "}";
    };
  };
  const auto messages = [&](const std::string& list, const std::string& role, const std::string& content,
                            const std::string& user, const std::string& assistant) {
    return [=](const std::string& question, int answer) {
      return "{" + quoted(list) + ": [{" + quoted(role) + ": " + quoted(user) + ", " + quoted(content) +
             ": " + quoted(question) + "}, {" + quoted(role) + ": " + quoted(assistant) + ", " +
             quoted(content) + ": " + quoted("answer " + std::to_string(answer)) + "}]}";
    };
  };

  check(alpaca::AlpacaDataset(), alpaca::descriptor(), pair_of("instruction", "output"));
  check(summaries::SummariesDataset(), summaries::descriptor(), pair_of("document", "summary"));
  check(awesome_prompts::AwesomePromptsDataset({.examples = "conversation"}), awesome_prompts::descriptor(),
        pair_of("act", "prompt"));
  const auto by_chance = [](const std::string& text, int i) {
    return R"({"text": ")" + text + R"(", "label": )" + std::to_string(i % 2) + "}";
  };
  check(labelled_text::LabelledTextDataset({}), labelled_text::descriptor(), by_chance);
  check(imdb::ImdbDataset({}), imdb::descriptor(), by_chance);
  check(pairs::PairsDataset(), pairs::descriptor(), pair_of("source", "target"));

  check(conversations::ConversationsDataset({}), conversations::descriptor(),
        messages("messages", "role", "content", "user", "assistant"));
  check(sharegpt::ShareGptDataset({}), sharegpt::descriptor(),
        messages("conversations", "from", "value", "human", "gpt"));
  check(chatbot_arena::ChatbotArenaDataset({}), chatbot_arena::descriptor(),
        messages("messages", "role", "content", "user", "assistant"));
  // One conversation, told up to its first answer and up to its second.
  check(preferences::PreferencesDataset({}), preferences::descriptor(),
        [](const std::string& question, int i) {
          const std::string later = i / 30 % 2 == 0 ? "" : R"(\n\nAssistant: Yes.\n\nHuman: And then?)";
          const std::string both = R"("\n\nHuman: )" + question + later + R"(\n\nAssistant: )";
          return R"({"chosen": )" + both + "good " + std::to_string(i) + R"(", "rejected": )" + both +
                 R"(bad"})";
        });
}

TEST_CASE("Both sides of a battle, and all battles over a question, stand on one side of a split") {
  const TemporaryFolder folder;
  std::string rows;
  for (int i = 0; i < 80; ++i) {
    const auto side = [&](const std::string& answer) {
      return R"([{"role": "user", "content": "question )" + std::to_string(i * 7 % 20) +
             R"("}, {"role": "assistant", "content": ")" + answer + std::to_string(i) + R"("}])";
    };
    rows +=
        R"({"winner": "tie", "conversation_a": )" + side("a") + R"(, "conversation_b": )" + side("b") + "}\n";
  }
  const ExampleList list = read_examples(chatbot_arena::ChatbotArenaDataset({}), chatbot_arena::descriptor(),
                                         {folder.write("battles.jsonl", rows)});
  CHECK(list.examples.size() == 160);
  check_split(list, true);
}

TEST_CASE("A share of real files holds out no text, turn or tree that is trained on") {
  const fs::path data = real_data();
  if (!fs::exists(data / "imdb")) return;
  const ExampleList imdb = reviews(data / "imdb/imdb_train.csv");
  CHECK(imdb.examples.size() == 25'000);  // 96 of them are there twice
  check_split(imdb, true);
  check_split(read_examples(text::TextDataset(), text::descriptor(), {data / "imdb/imdb_train.csv"}), true);
  check_split(read_examples(text::TextDataset(), text::descriptor(),
                            {data / "awesome_prompts/prompts_latest_under4MiB.csv"}, {{"text", "prompt"}}),
              true);
  check_split(dialogues_in({data / "chatbot_arena/arena_en_single_side.jsonl"}), false);
  for (const char* replies : {"best", "all"}) {
    const openassistant::OpenAssistantDataset dataset({.lang = {"en"}, .replies = replies});
    check_split(read_examples(dataset, openassistant::descriptor(),
                              {data / "openassistant/oasst1_en_validation.jsonl"}),
                false);
  }
}

TEST_CASE("IMDb's reviews that are in its test file, too, are not trained on") {
  const fs::path data = real_data();
  if (!fs::exists(data / "imdb")) return;
  const ExampleList training = reviews(data / "imdb/imdb_train.csv");
  const ExampleList test = reviews(data / "imdb/imdb_test_5000.csv");
  const std::vector<size_t> left = left_beside(training, test);
  CHECK(left.size() < training.examples.size());
  std::set<std::string> measured;
  for (const Example& example : test.examples) measured.insert(asked(example));
  size_t trained_on = 0;
  for (const size_t number : left) trained_on += measured.contains(asked(training.examples[number])) ? 1 : 0;
  CHECK(trained_on == 0);
  // And nothing else is left out.
  size_t in_test = 0;
  for (const Example& example : training.examples) in_test += measured.contains(asked(example)) ? 1 : 0;
  CHECK(training.examples.size() - left.size() == in_test);

  // Schema-Guided Dialogue numbers its files alike: 2,097 names of conversations are in both.
  const ExampleList dialogues = dialogues_in({data / "dialogues/sgd_train.jsonl"});
  const ExampleList others = dialogues_in({data / "dialogues/sgd_dev.jsonl"});
  CHECK(left_beside(dialogues, others).size() > dialogues.examples.size() - 20);
}
