// Methods that keep more than what is trained, in the program: AdaLoRA, whose ranks go while it trains, a
// VeRA that draws its matrices again, p-tuning through an LSTM with dropout.
#include <catch2/catch.hpp>
#include <filesystem>

#include "base/json.h"
#include "resumed_run.h"
#include "support/compare_runs.h"
#include "support/process.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

const std::string budget =
    "{init_r: 4, target_r: 2, tinit: 2, tfinal: 3, delta_t: 2, dropout: 0.1, targets: [attn.qkv, mlp.in]}";

std::string recipe_text() {
  std::string text = SmallRun::recipe_text();
  text = with(text, "lora: {rank: 4, alpha: 8, dropout: 0.1, targets: [attn.qkv]}", "adalora: " + budget);
  text = with(text, "prefix: {tokens: 3, projection: true}", "vera: {rank: 8, save_projection: false}");
  return with(text, "prompt: {tokens: 2}",
              "p_tuning: {tokens: 2, encoder: lstm, hidden_size: 8, dropout: 0.2}");
}

std::vector<std::string> run_words(const std::string& output) {
  const std::string recipe = small().write("ranks.yaml", recipe_text()).string();
  return {PEFT_HOST, "run", recipe, "output=" + small().path(output).string(), "train.checkpoint_every=1",
          "--resume"};
}

// A run that was never stopped.
const fs::path& never_stopped() {
  static const fs::path folder = [] {
    std::string command;
    for (const std::string& word : run_words("never-stopped")) command += word + " ";
    const Said said = say(command);
    if (said.exit_code != 0) throw std::runtime_error(said.err);
    return small().path("never-stopped");
  }();
  return folder;
}

}  // namespace

TEST_CASE("Killed before, amid and after its ranks go, a run ends as the one never stopped") {
  const fs::path run = small().path("killed");
  const fs::path log = small().path("killed.log");
  for (const size_t step : {1, 5, 8, 10}) {
    INFO("killed at step " << step);
    Process process(run_words("killed"), log);
    const bool came = process.wait_until([&] { return trained_steps(run) >= step; });
    INFO(content_of_file(log));
    REQUIRE(came);
    process.signal(SIGKILL);
    REQUIRE(process.wait() == 128 + SIGKILL);
  }
  Process last(run_words("killed"), log);
  REQUIRE(last.wait() == 0);
  CHECK_THAT(content_of_file(log), Contains("going on after step ") && Contains("  penalty "));
  CHECK(differences(never_stopped(), run) == same);
}

TEST_CASE("A penalty stands in the metrics of runs that have one") {
  std::ifstream lines(never_stopped() / "metrics.jsonl");
  int steps = 0;
  for (std::string line; std::getline(lines, line);) {
    const Value value = host::parse_json(line);
    if (value.find("eval") != nullptr) continue;
    ++steps;
    CHECK(value.at("penalty").as_number() > 0);
    CHECK(value.at("loss").as_number() < 10);
  }
  CHECK(steps == SmallRun::steps);
  CHECK(lines_in(uninterrupted() / "metrics.jsonl", "penalty") == 0);
  for (const auto& [run, has_one] : {std::pair{never_stopped(), true}, {uninterrupted(), false}}) {
    REQUIRE(SmallRun::host("report " + run.string()).exit_code == 0);
    CHECK((lines_in(run / "report.html", "Penalty") > 0) == has_one);
  }
}

TEST_CASE("inspect and the exported adapter tell the ranks that AdaLoRA has left") {
  const Said said = SmallRun::host("inspect --json " + never_stopped().string());
  REQUIRE(said.exit_code == 0);
  std::map<std::string, int64_t> left;  // by site
  int64_t trained = 0;
  const std::string stem = "sets/default/adalora/";
  const Value found = host::parse_json(said.out);
  for (const Value& tensor : found.at("tensors").as_list()) {
    const std::string& path = tensor.at("path").as_text();
    if (tensor.at("trained").as_boolean()) trained += tensor.at("elements").as_integer();
    if (!path.starts_with(stem) || !path.ends_with(".E")) continue;
    left[path.substr(stem.size(), path.size() - stem.size() - 2)] = tensor.at("non_zero").as_integer();
  }
  const Value evaluation = host::read_json_file((never_stopped() / "evaluation.json").string());
  CHECK(evaluation.at("trainable_parameters") == Value(trained));
  REQUIRE(left.size() == 4);
  int64_t all = 0;
  for (const auto& [site, ranks] : left) all += ranks;
  CHECK(all == 4 * 2);

  const fs::path to = small().path("exported");
  const Said exported =
      SmallRun::host("export " + never_stopped().string() + " --format peft --to " + to.string());
  INFO(exported.err);
  REQUIRE(exported.exit_code == 0);
  const Value config = host::read_json_file((to / "adalora" / "adapter_config.json").string());
  for (const auto& [site, module] : std::map<std::string, std::string>{
           {"h.0.attn.qkv", "transformer.h.0.attn.c_attn"}, {"h.1.mlp.in", "transformer.h.1.mlp.c_fc"}}) {
    int64_t stays = 0;
    for (const Value& rank : config.at("rank_pattern").at(module + ".lora_E").as_list())
      stays += rank.as_boolean() ? 1 : 0;
    CHECK(stays == left.at(site));
  }
}

TEST_CASE("A budget that the run is too short for is refused at its line") {
  const std::string wrong = with(recipe_text(), "tinit: 2", "tinit: 9");
  const std::string recipe = recipe_of(wrong);
  const std::string output = " output=" + small().path("refused").string();
  for (const std::string verb : {"validate ", "run "}) {
    INFO(verb);
    check_refused(SmallRun::host(verb + recipe + output), 2,
                  {recipe + ":9:", "error: 'tinit' is 9 and 'tfinal' 3, but the run has 12 steps",
                   "train for at least 13 steps"});
  }
  // Never trained, it has no budget to spend.
  const std::string frozen = recipe_of(with(wrong, "{init_r: 4,", "{trainable: false, init_r: 4,"));
  CHECK(SmallRun::host("validate " + frozen + output).exit_code == 0);
}
