// What a run does not go on from, and what it leaves alone.
#include <catch2/catch.hpp>
#include <filesystem>

#include "checkpoint/folder.h"
#include "resumed_run.h"
#include "support/compare_runs.h"
#include "support/process.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

TEST_CASE("A changed recipe does not go on from another's checkpoint; the message names the keys") {
  const fs::path run = copy_of_uninterrupted("changed");
  const auto before = contents_below(run);
  const Said said = resume("changed", "train.learning_rate=0.5 methods.0.lora.rank=8 seed=4");
  CHECK(said.exit_code == 2);
  CHECK(said.out.empty());
  CHECK_THAT(said.err, Contains("train.learning_rate is 0.5, was 0.01") &&
                           Contains("methods.0.lora.rank is 8, was 4") && Contains("seed is 4, was 3") &&
                           Contains(run.string() + "/recipe.yaml"));
  CHECK(contents_below(run) == before);
}

TEST_CASE("Other training texts under the same name are not gone on with") {
  const fs::path run = copy_of_uninterrupted("other-texts");
  const std::string all = content_of_file(small().path("chats.jsonl"));
  const std::string fewer = all.substr(0, all.rfind('\n', all.size() / 2) + 1);
  const auto before = contents_below(run);
  small().write("chats.jsonl", fewer);
  const Said said = resume("other-texts");
  small().write("chats.jsonl", all);
  CHECK(said.exit_code == 2);
  CHECK_THAT(said.err, Contains("the training examples are not those the run began with"));
  CHECK(contents_below(run) == before);
}

TEST_CASE("A folder that holds a run is not written over without --resume") {
  const fs::path run = copy_of_uninterrupted("occupied");
  const auto before = contents_below(run);
  const Said said = small().run("occupied");
  CHECK(said.exit_code == 2);
  CHECK(said.out.empty());
  CHECK_THAT(said.err, Contains("already holds a run") && Contains("--resume") && Contains("output="));
  CHECK(contents_below(run) == before);
}

TEST_CASE("A second run into a folder that one is writing is refused, and the first goes on") {
  const fs::path run = small().path("shared");
  Process first(small().run_words("shared", {"train.steps=10000"}), small().path("shared.log"));
  REQUIRE(first.wait_until([&] { return trained_steps(run) >= 1; }));
  const Said second = small().run("shared", "train.steps=10000 --resume");
  INFO(second.err);
  CHECK(second.exit_code == 1);
  CHECK_THAT(second.err, Contains(run.string() + ": another run is writing here"));
  first.signal(SIGINT);
  CHECK(first.wait() == 130);
  CHECK(host::read_latest(run / "checkpoints").warnings.empty());
}

TEST_CASE("--resume without a run to go on from begins one, and says so") {
  const Said said = resume("fresh", "train.steps=1 evaluate.every=0");
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.err, Contains("no checkpoint to go on from") && Contains("starting from the beginning"));
}

TEST_CASE("By the recipe of a run that was moved, --resume does not begin anew in the old place") {
  const fs::path old_place = copy_of_uninterrupted("old-place");
  // As a run leaves it: with its own place as `output`.
  const std::string recipe = content_of_file(old_place / "recipe.yaml");
  small().write("old-place/recipe.yaml", with(recipe, uninterrupted().string(), old_place.string()));
  const fs::path moved = small().path("moved");
  fs::rename(old_place, moved);
  const auto before = contents_below(moved);

  const Said said = SmallRun::host("run " + (moved / "recipe.yaml").string() + " --resume");
  CHECK(said.exit_code == 2);
  CHECK_THAT(said.err, Contains(moved.string() + "/recipe.yaml:") &&
                           Contains("'output', " + old_place.string()) &&
                           Contains("go on with it by output=" + moved.string()));
  CHECK_FALSE(fs::exists(old_place));
  CHECK(contents_below(moved) == before);

  const Said resumed =
      SmallRun::host("run " + (moved / "recipe.yaml").string() + " --resume output=" + moved.string());
  INFO(resumed.err);
  CHECK(resumed.exit_code == 0);
  CHECK_THAT(resumed.err, Contains("going on after step 12"));
  CHECK(differences(uninterrupted(), moved) == same);
}
