// Parquet files, written by Arrow for each test, read as the program reads them: through the library it
// opens.
#include "records/parquet.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "parquet_fixture.h"
#include "peft/error.h"

using namespace peft::host;
using arrow::field;
using peft::Value;

namespace {

std::string json_rows(const std::filesystem::path& file, const ReadOptions& options = {}) {
  return TemporaryFolder::rows(file, options);
}

// As the project writes JSON.
std::string json(const std::string& text) {
  return dump_json(parse_json(text, {.name = "expected"}));
}

int64_t resident_bytes() {
  int64_t pages = 0;
  int64_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace

TEST_CASE("Nested columns read as maps and lists: the shape of OpenAssistant's file") {
  TemporaryFolder folder;
  const auto texts = arrow::list(arrow::utf8());
  const auto file = write_parquet(
      folder.path / "a.parquet",
      {{"text", arrow::utf8(), R"(["hello", "", null])"},
       {"model_name", arrow::null(), "[null, null, null]"},
       {"detoxify", arrow::struct_({field("toxicity", arrow::float64()), field("threat", arrow::float64())}),
        R"([{"toxicity": 0.5, "threat": 0.25}, null, {"toxicity": null, "threat": 1.0}])"},
       {"emojis", arrow::struct_({field("name", texts), field("count", arrow::list(arrow::int64()))}),
        R"([{"name": ["+1", "red_flag"], "count": [3, 1]}, {"name": [], "count": null}, null])"},
       {"deleted", arrow::boolean(), "[false, true, null]"}});
  CHECK(json_rows(file) == json(R"([
    {"text": "hello", "model_name": null, "detoxify": {"toxicity": 0.5, "threat": 0.25},
     "emojis": {"name": ["+1", "red_flag"], "count": [3, 1]}, "deleted": false},
    {"text": "", "model_name": null, "detoxify": null, "emojis": {"name": [], "count": null}, "deleted": true},
    {"text": null, "model_name": null, "detoxify": {"toxicity": null, "threat": 1.0}, "emojis": null,
     "deleted": null}])"));
}

TEST_CASE("Lists of structs read as lists of maps: the shape of Chatbot Arena's file") {
  TemporaryFolder folder;
  const auto turns =
      arrow::list(arrow::struct_({field("content", arrow::utf8()), field("role", arrow::utf8())}));
  const auto file =
      write_parquet(folder.path / "a.parquet", {{"conversation_a", turns, R"([
         [{"content": "Hi", "role": "user"}, {"content": "Hello!", "role": "assistant"}], [], null, [null]])"},
                                                {"turn", arrow::int64(), "[1, 0, null, -9007199254740993]"}});
  CHECK(json_rows(file) == json(R"([
    {"conversation_a": [{"content": "Hi", "role": "user"}, {"content": "Hello!", "role": "assistant"}], "turn": 1},
    {"conversation_a": [], "turn": 0}, {"conversation_a": null, "turn": null},
    {"conversation_a": [null], "turn": -9007199254740993}])"));
}

TEST_CASE("Every type becomes the plain value it stands for") {
  const auto micro = arrow::TimeUnit::MICRO;
  const auto names = arrow::map(arrow::utf8(), arrow::int32());
  struct Case {
    std::shared_ptr<arrow::DataType> type;
    std::string written;
    std::string read;
  };
  const std::vector<Case> cases = {
      {arrow::int8(), "[-128, null]", "[-128, null]"},
      {arrow::uint8(), "[255]", "[255]"},
      {arrow::uint32(), "[4294967295]", "[4294967295]"},
      {arrow::uint64(), "[9223372036854775807, 18446744073709551615]",
       "[9223372036854775807, 18446744073709551616.0]"},
      {arrow::float16(), "[0.5]", "[0.5]"},
      {arrow::float32(), "[0.25, null]", "[0.25, null]"},
      {arrow::large_utf8(), R"(["ä", null])", R"(["ä", null])"},
      {arrow::binary(), R"(["bytes"])", R"(["bytes"])"},
      {arrow::fixed_size_binary(3), R"(["abc"])", R"(["abc"])"},
      {arrow::dictionary(arrow::int32(), arrow::utf8()), R"(["b", "a", null, "b"])",
       R"(["b", "a", null, "b"])"},
      {arrow::decimal128(9, 2), R"(["123.25", "-0.50", null])", "[123.25, -0.5, null]"},
      {arrow::decimal128(12, 0), R"(["123456789012"])", "[123456789012]"},
      {arrow::date32(), "[19482]", R"(["2023-05-05"])"},
      {arrow::time64(micro), "[45000250000]", R"(["12:30:00.250000"])"},
      {arrow::timestamp(micro), R"(["2023-05-05 12:30:00.25"])", R"(["2023-05-05T12:30:00.250000"])"},
      {arrow::timestamp(micro, "Europe/Berlin"), R"(["2023-05-05 12:30:00"])",
       R"(["2023-05-05T12:30:00.000000Z"])"},
      {arrow::duration(micro), "[1500000]", "[1500000]"},
      {arrow::large_list(arrow::int64()), "[[1, null], [], null]", "[[1, null], [], null]"},
      {arrow::fixed_size_list(arrow::int64(), 2), "[[1, 2], [3, 4]]", "[[1, 2], [3, 4]]"},
      {names, R"([[["a", 1], ["b", null]], [], null])", R"([{"a": 1, "b": null}, {}, null])"},
      {arrow::map(arrow::int32(), arrow::utf8()), R"([[[1, "a"]]])", R"([[{"key": 1, "value": "a"}]])"},
      {arrow::list(arrow::struct_({field("m", names)})), R"([[{"m": [["x", 1]]}, {"m": null}]])",
       R"([[{"m": {"x": 1}}, {"m": null}]])"},
  };
  for (const Case& one : cases) {
    INFO(one.type->ToString());
    TemporaryFolder folder;
    const auto file = write_parquet(folder.path / "a.parquet", {{"c", one.type, one.written}});
    Value::List read;
    for (Value& row : read_rows({file})) read.push_back(row.at("c"));
    CHECK(dump_json(Value(read)) == json(one.read));
  }
}

TEST_CASE("Malformed text is replaced and counted, as in every other format") {
  TemporaryFolder folder;
  arrow::StringBuilder builder;
  require(builder.Append("good"));
  require(
      builder.Append("b\xff"
                     "d"));
  const auto table = arrow::Table::Make(arrow::schema({field("text", arrow::utf8())}),
                                        arrow::ArrayVector{*builder.Finish()});
  const auto reader = open_records(write_parquet(folder.path / "a.parquet", *table));
  Value row;
  while (reader->next(row)) {
  }
  CHECK(row.at("text").as_text() ==
        "b\xef\xbf\xbd"
        "d");
  CHECK(reader->replaced_characters() == 1);
}

TEST_CASE("Only the wanted columns are read, and the others are told") {
  TemporaryFolder folder;
  const auto file = write_parquet(
      folder.path / "a.parquet",
      {{"text", arrow::utf8(), R"(["x", "y"])"},
       {"labels", arrow::struct_({field("n", arrow::list(arrow::int64()))}), R"([{"n": [1]}, {"n": []}])"},
       {"lang", arrow::utf8(), R"(["en", "de"])"}});
  CHECK(json_rows(file, {.columns = {{"lang", "text", "rank"}}}) ==
        json(R"([{"text": "x", "lang": "en"}, {"text": "y", "lang": "de"}])"));
  const auto reader = open_records(file, {.columns = {{"text"}}});
  CHECK(reader->skipped_columns() == std::vector<std::string>{"labels", "lang"});
  // With nothing of what was wanted, all is read, so that a message can say what there is.
  CHECK(open_records(file, {.columns = {{"nothing"}}})->skipped_columns().empty());
}

TEST_CASE("Rows are the same however they are laid out in row groups, pages and codecs") {
  TemporaryFolder folder;
  std::string numbers, texts, lists;
  for (int i = 0; i < 5000; ++i) {
    const std::string comma = i == 0 ? "[" : ",";
    numbers += comma + std::to_string(i);
    texts += comma + (i % 7 == 0 ? "null" : "\"" + std::string(static_cast<size_t>(i % 90), 'x') + "\"");
    lists += comma + (i % 5 == 0 ? "[]" : "[[" + std::to_string(i) + "], null]");
  }
  const std::vector<ParquetColumn> columns = {{"i", arrow::int64(), numbers + "]"},
                                              {"t", arrow::utf8(), texts + "]"},
                                              {"l", arrow::list(arrow::list(arrow::int64())), lists + "]"}};
  using parquet::Compression;
  const std::string expected = json_rows(write_parquet(folder.path / "whole.parquet", columns));
  for (const int64_t group_rows : {1, 7, 1024, 1025, 4999}) {
    for (const auto codec : {Compression::UNCOMPRESSED, Compression::ZSTD, Compression::GZIP}) {
      INFO(group_rows);
      if (group_rows == 1 && codec != Compression::ZSTD) continue;  // slow, and no different
      const auto file = write_parquet(folder.path / "parts.parquet", columns,
                                      {.group_rows = group_rows, .codec = codec, .page_bytes = 512});
      CHECK(json_rows(file) == expected);
    }
  }
  const auto reader = open_records({folder.path / "whole.parquet", folder.path / "parts.parquet"});
  Value row;
  size_t rows = 0;
  while (reader->next(row)) ++rows;
  CHECK(rows == 10000);
  CHECK(reader->location().text() == (folder.path / "parts.parquet").string() + ": row 5000");
}

TEST_CASE("A file without rows has none") {
  TemporaryFolder folder;
  CHECK(json_rows(write_parquet(folder.path / "a.parquet", {{"text", arrow::utf8(), "[]"}})) == "[]");
}

TEST_CASE("A file is read in memory for a few of its rows, be they all in one row group") {
  TemporaryFolder folder;
  constexpr int rows = 60'000;
  const auto file = folder.path / "a.parquet";
  // By another process: what writing leaves in an allocator's hands would hide what reading takes.
  const pid_t writer = ::fork();
  REQUIRE(writer >= 0);
  if (writer == 0) {
    arrow::StringBuilder builder;
    // 120 MB, no two alike: a dictionary would make the file small.
    for (int i = 0; i < rows; ++i) require(builder.Append(std::to_string(i) + std::string(2000, 'x')));
    const auto table = arrow::Table::Make(arrow::schema({field("text", arrow::utf8())}),
                                          arrow::ArrayVector{*builder.Finish()});
    write_parquet(file, *table, {.codec = parquet::Compression::UNCOMPRESSED});
    ::_exit(0);
  }
  REQUIRE(::waitpid(writer, nullptr, 0) == writer);
  const int64_t before = resident_bytes();
  const auto reader = open_records(file);
  int64_t most = 0;
  int read = 0;
  for (Value row; reader->next(row); ++read) {
    if (read % 1000 == 0) most = std::max(most, resident_bytes());
  }
  CHECK(read == rows);
  CHECK(most - before < 60'000'000);
}
