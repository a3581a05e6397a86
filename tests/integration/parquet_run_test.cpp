// Runs on Parquet files: Arrow beside LibTorch in one program.
#include <catch2/catch.hpp>
#include <filesystem>

#include "records/records.h"
#include "refusal.h"
#include "support/compare_runs.h"
#include "unit/parquet_fixture.h"

using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

TEST_CASE("A run on a Parquet file learns what a run on the same rows as lines of JSON learns") {
  const SmallRun run;
  write_parquet(run.path("chats.parquet"), peft::host::read_rows({run.path("chats.jsonl")}),
                message_fields());
  const Said lines = run.run("lines");
  INFO(lines.err);
  REQUIRE(lines.exit_code == 0);
  const Said parquet = run.run("parquet", "data.source=" + run.path("chats.parquet").string());
  INFO(parquet.err);
  REQUIRE(parquet.exit_code == 0);
  CHECK(differences(run.path("lines"), run.path("parquet")).empty());
}

TEST_CASE("A damaged Parquet file ends a run as a mistake in the recipe does, naming the file") {
  const SmallRun run;
  const fs::path file = write_parquet(run.path("a.parquet"), peft::host::read_rows({run.path("chats.jsonl")}),
                                      message_fields());
  fs::resize_file(file, fs::file_size(file) / 2);
  const std::string words =
      run.recipe() + " data.source=" + file.string() + " output=" + run.path("never").string();
  check_refused(SmallRun::host("run " + words), 2, {"a.parquet: error: is cut short"});
  check_refused(SmallRun::host("validate " + words), 2, {"a.parquet: error: is cut short"});
}
