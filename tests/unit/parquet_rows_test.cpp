// Datasets on Parquet files.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "data/dataset_rows.h"
#include "datasets/openassistant/openassistant_dataset.h"
#include "parquet_fixture.h"
#include "peft/error.h"
#include "support/example_list.h"

using namespace peft::host;
using namespace peft::test;
using peft::Value;
using peft::openassistant::OpenAssistantDataset;
namespace fs = std::filesystem;

namespace {

// Everything of the examples and counts but the files' names.
std::string threads(const fs::path& file, const std::string& replies) {
  const OpenAssistantDataset dataset({.lang = {"en"}, .replies = replies});
  const ExampleList list = read_examples(dataset, peft::openassistant::descriptor(), {file});
  std::string text = to_text(list.counts) + "\n";
  for (const peft::Example& example : list.examples) {
    text += example.group + ":";
    for (const peft::Turn& turn : std::get<peft::Conversation>(example.content).turns) {
      text += " " + turn.role + "(" + turn.content + ")";
    }
    text += "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("OpenAssistant's threads are the same from Parquet as from lines of JSON") {
  TemporaryFolder folder;
  const fs::path lines = fs::path(PEFT_OPENASSISTANT_TEST_DATA) / "messages.jsonl";
  const fs::path file = write_parquet(folder.path / "a.parquet", read_rows({lines}), message_fields());
  for (const std::string replies : {"best", "all"}) CHECK(threads(file, replies) == threads(lines, replies));
}

TEST_CASE("The real OpenAssistant file gives the same threads from Parquet as from lines of JSON") {
  const char* shared = std::getenv("PEFT_SHARED_DATA");
  const fs::path data = fs::path(shared != nullptr ? shared : "") / "data";
  const fs::path file =
      data / "hub_layout/datasets/OpenAssistant/oasst1/data/validation-00000-of-00001.parquet";
  if (!fs::exists(file)) {
    WARN("skipped: OpenAssistant's Parquet file is not at hand (PEFT_SHARED_DATA)");
    return;
  }
  for (const std::string replies : {"best", "all"}) {
    CHECK(threads(file, replies) == threads(data / "openassistant/oasst1_en_validation.jsonl", replies));
  }
}

TEST_CASE("A dataset reads the columns it declares, under the names the file has") {
  TemporaryFolder folder;
  const peft::DatasetDescriptor reviews = {.name = "reviews",
                                           .summary = "",
                                           .columns = {"text"},
                                           .optional_columns = {"id"},
                                           .options = {},
                                           .create = {}};
  const fs::path file = write_parquet(folder.path / "a.parquet", {{"review", arrow::utf8(), "[\"good\"]"},
                                                                  {"id", arrow::int64(), "[7]"},
                                                                  {"stars", arrow::int64(), "[5]"}});
  DatasetRows rows({file}, reviews, {{"text", "review"}});
  Value row;
  REQUIRE(rows.next(row));
  CHECK(dump_json(row) == R"({"text": "good", "id": 7})");
  // A message names the columns that were not read, too.
  DatasetRows wrong({file}, reviews, {{"text", "revew"}});
  CHECK_THROWS_WITH(wrong.next(row),
                    Catch::Contains("a.parquet: row 1: error: found the columns id, review, stars") &&
                        Catch::Contains("did you mean 'review'"));
}
