// Real files, counted against what is known about them.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "records/records.h"
#include "records/sources.h"

using peft::Value;
using namespace peft::host;

namespace {

struct Expected {
  const char* file;
  size_t rows;
  std::vector<std::string> columns;
};

}  // namespace

TEST_CASE("Real files have the rows and columns they are known to have, and no malformed text") {
  const char* shared = std::getenv("PEFT_SHARED_DATA");
  const std::filesystem::path data = std::filesystem::path(shared ? shared : "") / "data";
  if (!std::filesystem::is_directory(data)) {
    WARN("skipped: no real data in PEFT_SHARED_DATA");
    return;
  }
  const std::vector<Expected> files = {
      {"openassistant/oasst1_en_validation.jsonl", 2022, {"message_id", "parent_id", "text", "role"}},
      {"openassistant/oasst1_en_train_texts_norole.jsonl", 39283, {"row", "text"}},
      {"awesome_prompts/prompts_2025-01-06.csv", 170, {"act", "prompt"}},
      {"awesome_prompts/prompts_latest_under4MiB.csv", 1529, {"act", "prompt"}},
      {"imdb/imdb_train.csv", 25000, {"id", "rating", "label", "text"}},
      {"imdb/imdb_test_5000.csv", 5000, {"id", "rating", "label", "text"}},
      {"chatbot_arena/arena_en_single_side.jsonl", 1400, {"id", "messages"}},
      {"dialogues/sgd_dev.jsonl", 2098, {"id", "services", "messages"}},
      {"dialogues/sgd_train.jsonl", 12174, {"id", "messages"}},
      {"dialogues/taskmaster4.jsonl", 3710, {"messages"}},
      {"summarization/bbc_news_summary.csv", 2225, {"category", "file", "article", "summary"}},
      {"summarization/dialogsum.dev.jsonl", 500, {"dialogue", "summary"}},
  };
  for (const Expected& expected : files) {
    INFO(expected.file);
    const auto reader = open_records(find_sources(expected.file, data));
    size_t rows = 0;
    for (Value row; reader->next(row); ++rows) {
      for (const std::string& column : expected.columns) {
        if (!row.find(column)) FAIL_CHECK(reader->location().text() + " lacks " + column);
      }
    }
    CHECK(rows == expected.rows);
    CHECK(reader->location().row == expected.rows);
    CHECK(reader->replaced_characters() == 0);
  }

  std::set<std::string> trees;
  for_each_row(find_sources("openassistant/oasst1_en_validation.jsonl", data),
               [&](Value& row, const Location&) { trees.insert(row.at("message_tree_id").as_text()); });
  CHECK(trees.size() == 191);
}
