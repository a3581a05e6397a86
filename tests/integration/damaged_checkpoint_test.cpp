// Checkpoints that were damaged: what a run falls back to, and what it says.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "checkpoint/folder.h"
#include "resumed_run.h"
#include "support/compare_runs.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

// Cuts a file in the middle, as a full disk or a lost block does.
void truncate(const fs::path& file) {
  fs::resize_file(file, fs::file_size(file) / 2);
}

}  // namespace

TEST_CASE("From a damaged newest checkpoint a run falls back loudly to the one before, and ends the same") {
  using Damage = std::function<void(const fs::path& checkpoints)>;
  const std::vector<std::pair<std::string, Damage>> ways = {
      {"truncated", [](const fs::path& folder) { truncate(folder / "step-000012.h5"); }},
      {"missing", [](const fs::path& folder) { fs::remove(folder / "step-000012.h5"); }},
      {"empty", [](const fs::path& folder) { fs::resize_file(folder / "step-000012.h5", 0); }},
  };
  for (const auto& [what, damage] : ways) {
    INFO(what);
    const fs::path run = copy_of_uninterrupted(what);
    damage(run / "checkpoints");
    const Said said = resume(what);
    INFO(said.err);
    REQUIRE(said.exit_code == 0);
    CHECK_THAT(said.err, Contains("step-000012.h5") && Contains("going on after step 8"));
    CHECK(differences(uninterrupted(), run) == same);
  }
}

TEST_CASE("Without its LATEST a folder's newest good checkpoint is found, with a warning") {
  for (const std::string content : {"", "garbage\n", "../../elsewhere.h5 12 00\n"}) {
    INFO(content);
    const fs::path run = copy_of_uninterrupted("latest-" + std::to_string(content.size()));
    std::ofstream(run / "checkpoints" / "LATEST") << content;
    const Said said = resume(run.filename().string());
    INFO(said.err);
    REQUIRE(said.exit_code == 0);
    CHECK_THAT(said.err, Contains("LATEST") && Contains("going on after step 12"));
    CHECK(differences(uninterrupted(), run) == same);
  }
}

TEST_CASE("Where every checkpoint is damaged the run stops, saying what is wrong with each") {
  const fs::path run = copy_of_uninterrupted("all-damaged");
  for (const int64_t step : {8, 12}) truncate(run / "checkpoints" / host::checkpoint_name(step));
  const auto before = contents_below(run);
  const Said said = resume("all-damaged");
  CHECK(said.exit_code == 1);
  CHECK(said.out.empty());
  CHECK_THAT(said.err, Contains("step-000008.h5") && Contains("step-000012.h5"));
  CHECK(contents_below(run) == before);
  for (const std::string verb : {"eval ", "generate --prompt x "}) {
    CHECK(SmallRun::host(verb + run.string()).exit_code == 1);
  }
}
