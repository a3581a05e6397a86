// Files that are damaged, or no Parquet: named, with the row group and the column where those are to blame.
#include <catch2/catch.hpp>
#include <random>

#include "parquet_fixture.h"
#include "peft/error.h"
#include "records/parquet.h"

using namespace peft::host;
using arrow::field;
using peft::Value;

namespace {

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string complaint(const std::filesystem::path& file) {
  try {
    read_rows({file});
  } catch (const peft::Error& problem) {
    return problem.what();
  }
  return "nothing";
}

std::filesystem::path two_groups(const TemporaryFolder& folder) {
  std::string texts, numbers;
  for (int i = 0; i < 2000; ++i) {
    texts += (i == 0 ? "[\"" : ",\"") + std::to_string(i * 7919) + "\"";
    numbers += (i == 0 ? "[" : ",") + std::to_string(i);
  }
  return write_parquet(folder.path / "a.parquet",
                       {{"number", arrow::int64(), numbers + "]"}, {"text", arrow::utf8(), texts + "]"}},
                       {.group_rows = 1000, .codec = parquet::Compression::UNCOMPRESSED});
}

}  // namespace

TEST_CASE("What is no Parquet file is told from its ends") {
  TemporaryFolder folder;
  const auto says = [&](const std::string& bytes, const std::string& part) {
    CHECK_THAT(complaint(folder.write("a.parquet", bytes)), Catch::Contains("a.parquet: error: " + part));
  };
  says("", "found an empty file");
  says("<!doctype html>", "found '<!do' at its start, expected PAR1");
  says("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "found a Git LFS pointer");
  says("PAR1", "is cut short: found no PAR1 at its end");
  says("PAR1 and then nothing of a footer", "is cut short");
  says("PARE....PARE", "is encrypted");
  CHECK_THAT(complaint(folder.path / "absent.parquet"), Catch::Contains("cannot be opened"));
}

TEST_CASE("A file cut anywhere is refused") {
  TemporaryFolder folder;
  const std::string whole = content(two_groups(folder));
  for (const size_t size : {whole.size() - 1, whole.size() / 2, size_t{100}, size_t{12}, size_t{5}}) {
    INFO(size);
    CHECK_THAT(complaint(folder.write("cut.parquet", whole.substr(0, size))),
               Catch::Contains("cut.parquet: error: is cut short"));
  }
  // The end of one, glued to another's beginning: the footer points beyond the file.
  CHECK_THAT(complaint(folder.write("cut.parquet", "PAR1" + whole.substr(whole.size() / 2))),
             Catch::Contains("cut.parquet: error: "));
}

TEST_CASE("A damaged page is told with its row group and column") {
  TemporaryFolder folder;
  const std::string whole = content(two_groups(folder));
  // The text of row 1,500 stands as plain bytes in the file.
  const size_t place = whole.find(std::to_string(1500 * 7919));
  REQUIRE(place != std::string::npos);
  std::string damaged = whole;
  damaged[place] ^= 0x40;
  CHECK_THAT(complaint(folder.write("bad.parquet", damaged)),
             Catch::Contains("bad.parquet: error: row group 2 of 2, column 'text': ") &&
                 Catch::Contains("the file is damaged: fetch or copy it again"));
  // What is not read is not checked, and rows before the damage have been given.
  const auto reader = open_records(folder.path / "bad.parquet", {.columns = {{"number"}}});
  Value row;
  size_t rows = 0;
  while (reader->next(row)) ++rows;
  CHECK(rows == 2000);
}

TEST_CASE("A flipped byte anywhere ends in an error or in rows, never in a crash") {
  TemporaryFolder folder;
  const std::string whole = content(two_groups(folder));
  std::mt19937 random(1);
  int refused = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::string damaged = whole;
    // Half of them in the footer, where the structure is.
    const size_t begin = trial % 2 == 0 ? 0 : whole.size() - 1500;
    damaged[begin + random() % (whole.size() - begin)] ^= static_cast<char>(1 + random() % 255);
    const std::string said = complaint(folder.write("bad.parquet", damaged));
    refused += said == "nothing" ? 0 : 1;
    if (said != "nothing") CHECK_THAT(said, Catch::Contains("bad.parquet: error: "));
  }
  CHECK(refused > 150);
}

TEST_CASE("A gzipped Parquet file is no kind of data file") {
  TemporaryFolder folder;
  CHECK_THROWS_WITH(open_records(folder.write("a.parquet.gz", "x")),
                    Catch::Contains("is not a kind of data file that can be read"));
}

TEST_CASE("Two columns of one name are refused") {
  TemporaryFolder folder;
  const auto file = write_parquet(folder.path / "a.parquet",
                                  {{"text", arrow::utf8(), "[\"a\"]"}, {"text", arrow::utf8(), "[\"b\"]"}});
  CHECK_THAT(complaint(file), Catch::Contains("found more than one column 'text'"));
}
