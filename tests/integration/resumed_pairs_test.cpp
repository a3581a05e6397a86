// Methods beside each other whose runs hold more than weights: masks, what a start took out of the base, a
// projection. Killed, such a run goes on as if it had never been.
#include <catch2/catch.hpp>
#include <filesystem>

#include "adapter_runs.h"
#include "resumed_run.h"
#include "support/compare_runs.h"
#include "support/process.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> run_words(const std::string& recipe, const fs::path& output) {
  return {PEFT_HOST, "run", recipe, "output=" + output.string(), "train.checkpoint_every=1", "--resume"};
}

}  // namespace

TEST_CASE("Killed after its first steps and before its last, a pair's run ends as the one never stopped") {
  const auto [name, methods] = GENERATE(table<std::string, std::string>(
      {{"vera-adapter",
        "  - vera: {rank: 8, dropout: 0.1, save_projection: false, targets: [attn.qkv, mlp.out]}\n"
        "  - adapter: {reduction_factor: 4}\n"},
       {"dora-prefix",
        "  - lora: {rank: 4, use_dora: true, dropout: 0.1, targets: [attn.qkv, mlp.out]}\n"
        "  - prefix: {tokens: 3, projection: true}\n"},
       {"pissa-bitfit",
        "  - lora: {rank: 2, init: pissa, loraplus_lr_ratio: 4, dropout: 0.1, targets: [attn.q, mlp.in]}\n"
        "  - bitfit: {}\n"},
       {"adalora-p_tuning",
        "  - adalora: {init_r: 4, target_r: 2, tinit: 1, tfinal: 3, delta_t: 2, dropout: 0.1}\n"
        "  - p_tuning: {tokens: 2, encoder: lstm, hidden_size: 8, dropout: 0.2}\n"}}));
  INFO(name);
  const std::string recipe = recipe_of_methods(name, methods);
  const fs::path whole = small().path(name + "-whole");
  const fs::path run = small().path(name);
  const fs::path log = small().path(name + ".log");
  Process uninterrupted(run_words(recipe, whole), log);
  const int ended = uninterrupted.wait();
  INFO(content_of_file(log));
  REQUIRE(ended == 0);
  for (const size_t step : {2, 8}) {
    Process process(run_words(recipe, run), log);
    const bool came = process.wait_until([&] { return trained_steps(run) >= step; });
    INFO(content_of_file(log));
    REQUIRE(came);
    process.signal(SIGKILL);
    REQUIRE(process.wait() == 128 + SIGKILL);
  }
  Process last(run_words(recipe, run), log);
  REQUIRE(last.wait() == 0);
  CHECK_THAT(content_of_file(log), Contains("going on after step "));
  CHECK(trained_steps(run) == SmallRun::steps);
  CHECK(differences(whole, run) == same);
}
