// A run that is stopped, in whatever way and at whatever moment, and goes on as if it had never been.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>

#include "checkpoint/folder.h"
#include "resumed_run.h"
#include "support/compare_runs.h"
#include "support/process.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

bool is_saving(const fs::path& run) {
  return !host::unfinished_files(run / "checkpoints").empty();
}

}  // namespace

TEST_CASE("Killed again and again, also while it saves, a run ends as the one never stopped") {
  const fs::path run = small().path("killed");
  const std::vector<std::pair<std::string, std::function<bool()>>> moments = {
      {"before the first step", [&] { return fs::exists(run / "metrics.jsonl"); }},
      {"while the first checkpoint is written", [&] { return is_saving(run); }},
      {"after three steps", [&] { return trained_steps(run) >= 3; }},
      {"while a later checkpoint is written", [&] { return trained_steps(run) >= 5 && is_saving(run); }},
      {"at an evaluation on the way", [&] { return lines_in(run / "metrics.jsonl", "\"eval\"") >= 2; }},
      {"between the steps and the end", [&] { return trained_steps(run) >= 9; }},
      {"at the last step", [&] { return trained_steps(run) >= SmallRun::steps; }},
  };
  const fs::path log = small().path("killed.log");
  for (const auto& [what, moment] : moments) {
    INFO(what);
    Process process(small().run_words("killed", {"--resume", "train.checkpoint_every=1"}), log);
    const bool came = process.wait_until(moment);
    INFO(content_of_file(log));
    REQUIRE(came);
    process.signal(SIGKILL);
    REQUIRE(process.wait() == 128 + SIGKILL);
  }
  const Said said = resume("killed", "train.checkpoint_every=1");
  INFO(said.err);
  REQUIRE(said.exit_code == 0);
  CHECK_THAT(said.err, Contains("going on after step "));
  CHECK(trained_steps(run) == SmallRun::steps);
  CHECK(differences(uninterrupted(), run) == same);
  CHECK_FALSE(is_saving(run));
  CHECK(host::steps_in(run / "checkpoints").size() == 2);  // `keep`
}

TEST_CASE("SIGINT and SIGTERM save and end with 130; the resumed run is the one never stopped") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string name = "stopped-" + std::to_string(signal);
    const fs::path run = small().path(name);
    Process process(small().run_words(name), small().path(name + ".log"));
    REQUIRE(process.wait_until([&] { return trained_steps(run) >= 2; }));
    process.signal(signal);
    CHECK(process.wait() == 130);
    const std::string said = content_of_file(small().path(name + ".log"));
    CHECK_THAT(said, Contains("interrupted: saving") && Contains("go on with:") && Contains("--resume"));
    const host::LoadedCheckpoint saved = host::read_latest(run / "checkpoints");
    CHECK(saved.warnings.empty());
    CHECK(static_cast<size_t>(saved.checkpoint.step) == trained_steps(run));
    CHECK_FALSE(fs::exists(run / "evaluation.json"));

    const Said resumed = resume(name);
    INFO(resumed.err);
    REQUIRE(resumed.exit_code == 0);
    CHECK(differences(uninterrupted(), run) == same);
  }
}

TEST_CASE("Stopped in the middle of an evaluation, a run makes up for it when it goes on") {
  // Nearly all of the time goes into evaluations, so that the signal comes in one.
  const std::string settings =
      "train.steps=4 evaluate.every=2 evaluate.examples=100 evaluate.metrics=[perplexity]";
  const Said never_stopped = small().run("long-evaluations", settings);
  INFO(never_stopped.err);
  REQUIRE(never_stopped.exit_code == 0);
  const fs::path run = small().path("stopped-evaluating");
  Process process(
      small().run_words("stopped-evaluating", {"train.steps=4", "evaluate.every=2", "evaluate.examples=100",
                                               "evaluate.metrics=[perplexity]"}),
      small().path("evaluating.log"));
  REQUIRE(process.wait_until([&] { return trained_steps(run) == 2; }));
  process.signal(SIGINT);
  CHECK(process.wait() == 130);
  const Said resumed = resume("stopped-evaluating", settings);
  INFO(resumed.err);
  REQUIRE(resumed.exit_code == 0);
  CHECK(differences(small().path("long-evaluations"), run) == same);
}

TEST_CASE("Resuming a finished run changes nothing") {
  const fs::path run = copy_of_uninterrupted("finished");
  const auto before = contents_below(run / "checkpoints");
  const Said said = resume("finished");
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK(differences(uninterrupted(), run) == same);
  CHECK(contents_below(run / "checkpoints") == before);
  CHECK(content_of_file(run / "metrics.jsonl") == content_of_file(uninterrupted() / "metrics.jsonl"));
}

TEST_CASE("The recipe that a run leaves behind repeats it bit for bit") {
  const Said said = SmallRun::host("run " + (uninterrupted() / "recipe.yaml").string() +
                                   " output=" + small().path("repeated").string());
  INFO(said.err);
  REQUIRE(said.exit_code == 0);
  CHECK(differences(uninterrupted(), small().path("repeated")) == same);
  const std::string left = content_of_file(uninterrupted() / "recipe.yaml");
  const std::string right = content_of_file(small().path("repeated") / "recipe.yaml");
  CHECK(with(right, small().path("repeated").string(), uninterrupted().string()) == left);
}

TEST_CASE("A comparison of runs finds a single bit") {
  const fs::path run = small().path("another-seed");
  const Said said = small().run("another-seed", "seed=4");
  REQUIRE(said.exit_code == 0);
  const auto found = differences(uninterrupted(), run);
  CHECK(std::ranges::count(found, "sets/default/prompt/prompt") == 1);
  CHECK(std::ranges::count(found, "optimizer/default/lora/h.0.attn.qkv.B/exp_avg") == 1);
  CHECK(std::ranges::count(found, "evaluation.json") == 1);
}
