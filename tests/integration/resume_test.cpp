// A run that is stopped, in whatever way and at whatever moment, and goes on as if it had never been.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "checkpoint/folder.h"
#include "support/compare_runs.h"
#include "support/process.h"
#include "support/small_run.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

const std::vector<std::string> same;  // no differences

size_t lines_in(const fs::path& file, const std::string& with_text) {
  std::ifstream stream(file);
  size_t count = 0;
  for (std::string line; std::getline(stream, line);)
    count += line.find(with_text) != std::string::npos ? 1 : 0;
  return count;
}

size_t trained_steps(const fs::path& run) {
  return lines_in(run / "metrics.jsonl", "\"loss\"");
}

bool is_saving(const fs::path& run) {
  return !host::unfinished_files(run / "checkpoints").empty();
}

// Cuts a file in the middle, as a full disk or a lost block does.
void truncate(const fs::path& file) {
  fs::resize_file(file, fs::file_size(file) / 2);
}

// A run that was never stopped, made once for all tests here.
const SmallRun& small() {
  static const SmallRun run;
  return run;
}

fs::path uninterrupted() {
  static const fs::path folder = [] {
    const Said said = small().run("uninterrupted");
    if (said.exit_code != 0) throw std::runtime_error(said.err);
    return small().path("uninterrupted");
  }();
  return folder;
}

// Another folder with the same finished run in it.
fs::path copy_of_uninterrupted(const std::string& name) {
  fs::copy(uninterrupted(), small().path(name), fs::copy_options::recursive);
  return small().path(name);
}

// What `run` says with the copy as its output.
Said resume(const std::string& name, const std::string& more = "") {
  return small().run(name, "--resume " + more);
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
