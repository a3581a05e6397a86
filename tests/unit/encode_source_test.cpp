// Source files to encoded examples: the same on any number of threads, and every row that is at fault told.
#include "data/encode_source.h"

#include <catch2/catch.hpp>
#include <numeric>
#include <random>

#include "data/encoded_data.h"
#include "data_fixture.h"
#include "encoded_fixture.h"
#include "peft/error.h"
#include "peft/row_dataset.h"
#include "support/example_list.h"
#include "support/temporary_folder.h"
#include "template_fixture.h"

using namespace peft;
using namespace peft::host;
using namespace peft::test;
using Catch::Contains;

namespace {

const ByteCodec codec;
const HumanAssistantTemplate form;

const DatasetDescriptor descriptor = {
    .name = "texts", .summary = "", .columns = {"text"}, .optional_columns = {}, .options = {}, .create = {}};

// A text a row; a row "two" gives a second example, and a row "bad" is refused behind its first.
class Texts : public RowDataset {
 public:
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override {
    const std::string& text = text_in(row, "text", rows);
    examples.count("rows met");
    examples.add({.content = Text{text}, .group = ""});
    if (text == "two") examples.add({.content = Text{"2"}, .group = ""});
    if (text == "bad") refuse_row(rows, "found a bad one");
  }
};

// The same rows by a dataset that reads them all itself.
class AllTexts : public Dataset {
 public:
  void read(RowSource& rows, ExampleSink& examples) const override {
    for (Value row; rows.next(row);) Texts().read_row(row, rows, examples);
  }
};

struct Encoder {
  TemporaryFolder folder;
  LengthTask task;
  Encoding encoding{task, codec, form, {.max_length = 50}};

  explicit Encoder(const std::string& refused = "") : task(refused) {}

  std::shared_ptr<const TokenStore> operator()(const std::string& name, const std::string& content,
                                               Dataset& dataset, BadRows bad_rows = BadRows::error,
                                               size_t limit = 1'000'000, size_t threads = 2) const {
    TokenFile file;
    return encode_source(encoding,
                         {.dataset = dataset,
                          .descriptor = descriptor,
                          .files = {folder.write(name, content)},
                          .bad_rows = bad_rows},
                         limit, threads, file);
  }
};

std::vector<std::string> texts(const TokenStore& store) {
  std::vector<std::string> found;
  for (size_t i = 0; i < store.size(); ++i) found.push_back(std::get<Text>(store.example(i).content).text);
  return found;
}

using TextList = std::vector<std::string>;

// The count that begins so, and the whole of its text.
std::pair<std::string, int64_t> counted(const TokenStore& store, const std::string& what) {
  for (const auto& [text, times] : store.summary().counts.entries()) {
    if (text.starts_with(what)) return {text, times};
  }
  return {"", 0};
}

std::string lines(const TextList& texts) {
  std::string content;
  for (const std::string& text : texts) content += R"({"text": ")" + text + "\"}\n";
  return content;
}

}  // namespace

TEST_CASE("Encoding gives the same bytes on any number of threads, over many chunks, counts included") {
  std::mt19937 random(9);
  TextList many;
  for (int i = 0; i < 40'000; ++i) many.emplace_back(random() % 600, 'a');
  const std::string content = lines(many);
  const Encoder encode;
  Texts dataset;
  const auto alone = encode("a.jsonl", content, dataset, BadRows::error, 1'000'000, 1);
  CHECK(alone->size() == 40'000);
  for (const size_t threads : {2, 5}) {
    CHECK(encode("a.jsonl", content, dataset, BadRows::error, 1'000'000, threads)->bytes() == alone->bytes());
  }
  CHECK(texts(*alone) == many);

  std::vector<size_t> odd;
  for (size_t i = 1; i < 40'000; i += 2) odd.push_back(i);
  const EncodedData chosen = select_examples(alone, odd, 50);
  CHECK(chosen.summary.counts.of("texts cut at their end") > 0);
  CHECK(chosen.summary.skipped > 0);
  CHECK(chosen.summary.longest == 50);
  int64_t tokens = 0;
  for (const EncodedExample& example : decoded(chosen.examples)) tokens += computed_tokens(example, 0);
  CHECK(chosen.summary.tokens == tokens);
}

TEST_CASE("Behind the first so many examples only groups are kept, and all are counted") {
  const Encoder encode;
  Texts dataset;
  const auto store = encode("a.jsonl", lines({"a", "two", "c", "d"}), dataset, BadRows::error, 2);
  CHECK(texts(*store) == TextList{"a", "two"});
  CHECK(store->summary().examples == 5);
  CHECK(store->groups_across_sources().size() == 5);
}

TEST_CASE("The error of the first example that cannot be encoded is told, with its row's place") {
  TextList numbers;
  for (int i = 0; i < 30'000; ++i) numbers.push_back(std::to_string(i));
  const Encoder encode("20321");
  Texts dataset;
  for (const size_t threads : {1, 4}) {
    CHECK_THROWS_WITH(encode("a.jsonl", lines(numbers), dataset, BadRows::error, 1'000'000, threads),
                      encode.folder.path().string() + "/a.jsonl:20322: error: refused 20321");
  }
  AllTexts together;
  CHECK_THROWS_WITH(encode("a.jsonl", lines(numbers), together), "refused 20321");
  CHECK(encode("a.jsonl", lines(numbers), dataset, BadRows::error, 300)->size() == 300);
  // What is wrong in a chunk before comes before what is wrong with a file behind it.
  numbers.resize(25'000);
  numbers.emplace_back("\\x");
  CHECK_THROWS_WITH(encode("a.jsonl", lines(numbers), dataset),
                    !Contains("20321") && Contains("a.jsonl:25001"));
  const Encoder early("7");
  CHECK_THROWS_WITH(early("a.jsonl", lines(numbers), dataset), Contains("a.jsonl:8: error: refused 7"));
}

TEST_CASE("Rows that cannot be read are left out where the recipe allows it, counted, the first one named") {
  const Encoder encode;
  Texts dataset;
  const std::string content = lines({"a"}) + "{\"text\": \"b\"\n" + lines({"two", "bad"}) +
                              "[1]\n{\"other\": 1}\n{\"text\": 5}\n" + lines({"c"});
  CHECK_THROWS_WITH(encode("a.jsonl", content, dataset), Contains("a.jsonl:2:12: error: not valid JSON"));
  const auto store = encode("a.jsonl", content, dataset, BadRows::skip);
  CHECK(texts(*store) == TextList{"a", "two", "2", "c"});
  CHECK(store->summary().rows == 8);
  CHECK(store->summary().counts.of("rows met") == 3);
  const auto unread = counted(*store, "rows that cannot be read");
  CHECK(unread.second == 3);
  CHECK_THAT(unread.first, Contains("a.jsonl:2:12: error: not valid JSON"));
  const auto refused = counted(*store, "rows that the dataset cannot take");
  CHECK(refused.second == 2);
  CHECK_THAT(refused.first, Contains("a.jsonl:4: error: found a bad one"));

  // A dataset that makes examples of several rows: only what is wrong with the file is passed over.
  AllTexts together;
  CHECK_THROWS_WITH(encode("a.jsonl", content, together, BadRows::skip),
                    Contains("a.jsonl:4: error: found a bad"));
  const std::string unreadable = lines({"a"}) + "x\n" + lines({"b"});
  CHECK(texts(*encode("a.jsonl", unreadable, together, BadRows::skip)) == TextList{"a", "b"});
}

TEST_CASE("An example that the task refuses is left out and counted, too") {
  const Encoder encode("5");
  Texts dataset;
  const auto store = encode("a.jsonl", lines({"1", "7", "2", "8"}), dataset, BadRows::skip);
  CHECK(texts(*store) == TextList{"1", "2"});
  const auto refused = counted(*store, "examples that the task cannot take");
  CHECK(refused.second == 2);
  CHECK_THAT(refused.first, Contains("a.jsonl:2: error: refused 7"));
}

TEST_CASE("Where no example comes out the error tells what was read and what was left out") {
  const Encoder encode;
  Texts dataset;
  CHECK_THROWS_WITH(encode("a.jsonl", "", dataset), Contains("found no example in") && Contains("0 rows"));
  CHECK_THROWS_WITH(encode("a.csv", "text\n", dataset),
                    Contains("found no example in") && Contains("0 rows"));
  CHECK_THROWS_WITH(encode("a.csv", "review,label\na\xFF,1\nb,2\n", dataset, BadRows::skip),
                    Contains("a.csv (2 rows; rows that cannot be read, left out (the first: ") &&
                        Contains("found the columns review, label, expected 'text'") &&
                        Contains("malformed UTF-8 sequences replaced by U+FFFD (the first: ") &&
                        Contains("a.csv:2): 1"));
}
