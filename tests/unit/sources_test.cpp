#include "records/sources.h"

#include <catch2/catch.hpp>

#include "peft/error.h"
#include "records_fixture.h"

using peft::UsageError;
using peft::Value;
using namespace peft::host;

namespace {

std::string names(const TemporaryFolder& folder, const Value& source) {
  std::string result;
  for (const auto& file : find_sources(source, folder.path)) {
    result += file.lexically_relative(folder.path).string() + " ";
  }
  return result;
}

}  // namespace

TEST_CASE("A source is a file, a folder, a glob or a list of these") {
  TemporaryFolder folder;
  for (const char* name :
       {"d/b.jsonl", "d/a.csv.gz", "d/README.md", "d/deep/c.txt", "one.TSV", "odd[*].json"}) {
    folder.write(name, "x");
  }
  CHECK(names(folder, "one.TSV") == "one.TSV ");
  CHECK(names(folder, "d") == "d/a.csv.gz d/b.jsonl ");
  CHECK(names(folder, "d/") == "d/a.csv.gz d/b.jsonl ");
  CHECK(names(folder, "**/*.txt") == "d/deep/c.txt ");
  CHECK(names(folder, "d/**") == "d/a.csv.gz d/b.jsonl d/deep/c.txt ");
  CHECK(names(folder, "odd[*].json") == "odd[*].json ");
  CHECK(names(folder, Value::List{"one.TSV", "d/*", "d/a.csv.gz"}) == "one.TSV d/a.csv.gz d/b.jsonl ");
  CHECK(names(folder, (folder.path / "d" / "b.jsonl").string()) == "d/b.jsonl ");
}

TEST_CASE("A source that is not there is told with what was looked for, and the nearest name") {
  TemporaryFolder folder;
  folder.write("messages.jsonl", "{}");
  folder.write("empty/README.md", "");
  const auto complaint = [&](const Value& source, const std::string& part) {
    CHECK_THROWS_WITH(find_sources(source, folder.path), Catch::Contains(part));
    CHECK_THROWS_AS(find_sources(source, folder.path), UsageError);
  };
  complaint("mesages.jsonl", "mesages.jsonl; did you mean 'messages.jsonl'?");
  complaint("nowhere/a.jsonl", "nowhere does not exist");
  complaint("*.csv", "*.csv holds no file; looked for .jsonl .json .csv .tsv .txt, each also .gz");
  complaint("empty", "empty holds no data file; looked for .jsonl");
  complaint("empty/README.md", "README.md is not a kind of data file that can be read");
  complaint("hub://owner/name", "'hub://owner/name' is an address");
  complaint(Value::List{}, "the list of data sources is empty");
  complaint(Value::List{"messages.jsonl", 3}, "found integer");
  complaint("", "found an empty text");
  complaint(Value(), "found null");
}
