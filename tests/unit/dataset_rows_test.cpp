#include "data/dataset_rows.h"

#include <catch2/catch.hpp>

#include "base/json.h"
#include "peft/error.h"
#include "support/temporary_folder.h"

using namespace peft::host;
using peft::Value;
using peft::test::TemporaryFolder;

namespace {

const peft::DatasetDescriptor reviews = {.name = "reviews",
                                         .summary = "",
                                         .columns = {"text"},
                                         .optional_columns = {"id", "role"},
                                         .structured_columns = {"text"},
                                         .options = {},
                                         .create = {}};

// All rows as JSON.
std::string rows(const std::filesystem::path& file, const ColumnMap& columns = {}) {
  DatasetRows source({file}, reviews, columns);
  Value::List all;
  for (Value row; source.next(row);) all.push_back(row);
  return dump_json(Value(all));
}

}  // namespace

TEST_CASE("Columns are renamed on top and inside lists of maps") {
  const TemporaryFolder folder;
  const auto file = folder.write("a.jsonl", R"({"review": [{"from": "me", "value": 1}], "id": 7})");
  CHECK(rows(file, {{"text", "review"}, {"role", "from"}}) ==
        R"([{"text": [{"role": "me", "value": 1}], "id": 7}])");
}

TEST_CASE("A renamed column takes the place of one that has its name") {
  const TemporaryFolder folder;
  const auto file = folder.write("a.jsonl", R"({"id": "i", "text": null, "review": [1]})");
  CHECK(rows(file, {{"text", "review"}}) == R"([{"id": "i", "text": [1]}])");
}

TEST_CASE("Two columns may change places, and one may serve twice") {
  const TemporaryFolder folder;
  const auto file = folder.write("a.jsonl", R"({"id": [1], "text": [2]})");
  CHECK(rows(file, {{"text", "id"}, {"id", "text"}}) == R"([{"text": [1], "id": [2]}])");
  CHECK(rows(file, {{"text", "id"}, {"role", "id"}}) == R"([{"role": [1], "text": [1]}])");
}

TEST_CASE("A row without a column that is needed is named, with what it has and what was meant") {
  const TemporaryFolder folder;
  const auto file = folder.write("a.jsonl", "{\"text\": [1]}\n{\"texts\": [1], \"id\": 2}\n");
  CHECK_THROWS_WITH(rows(file), Catch::Contains("a.jsonl:2: error: found the columns texts, id") &&
                                    Catch::Contains("expected 'text'") &&
                                    Catch::Contains("did you mean 'texts'"));
  // Renamed, the file's own `text` does not count.
  CHECK_THROWS_WITH(rows(file, {{"text", "txt"}}),
                    Catch::Contains("a.jsonl:1") && Catch::Contains("'txt' (data.columns.text)"));
}

TEST_CASE("A column that is needed and was given away is named") {
  const TemporaryFolder folder;
  const auto file = folder.write("a.jsonl", R"({"text": [1], "id": 2})");
  CHECK_THROWS_WITH(rows(file, {{"role", "text"}}),
                    Catch::Contains("a.jsonl:1: error: found the column 'text' given away by data.columns") &&
                        Catch::Contains("add `text: text`"));
  CHECK(rows(file, {{"role", "text"}, {"text", "text"}}) == R"([{"role": [1], "text": [1], "id": 2}])");
}

TEST_CASE("A renamed column that no row has is an error, even where the dataset can do without") {
  const TemporaryFolder folder;
  const auto file = folder.write("a.jsonl", R"({"text": [1]})");
  CHECK_THROWS_WITH(rows(file, {{"role", "frm"}}),
                    Catch::Contains("data.columns: found no row with frm") && Catch::Contains("a.jsonl"));
}

TEST_CASE("A structured column that a file has as text is read as JSON") {
  const TemporaryFolder folder;
  CHECK(rows(folder.write("a.csv", "text,id\n\"[{\"\"role\"\": \"\"user\"\"}]\",\"[1]\"\n")) ==
        R"([{"text": [{"role": "user"}], "id": "[1]"}])");
  CHECK_THROWS_WITH(rows(folder.write("b.csv", "text\n[1]\n\"['single']\"\n")),
                    Catch::Contains("b.csv:3: error: found text in the column 'text' that is not JSON"));
}
