// Micro-batches and memory, seen from outside: what is resolved, foretold, refused, and kept when a run goes
// on.
#include <catch2/catch.hpp>
#include <string>

#include "base/json.h"
#include "refusal.h"

namespace {

using namespace peft;
using test::content_of_file;
using test::Said;
using test::small;
using test::SmallRun;
using test::with;

// Wide enough for its activations to be most of what it takes, and still a few seconds.
std::string wide_recipe() {
  std::string text = SmallRun::recipe_text();
  text = with(text, "n_embd: 32, n_layer: 2, n_head: 2", "n_embd: 256, n_layer: 6, n_head: 4");
  text = with(text, "steps: 12, batch_size: 3, accumulate: 2", "steps: 1, batch_size: 48");
  text = with(text, "tokens_per_microbatch: 150, recompute: blocks", "tokens_per_microbatch: off");
  return with(text, "every: 3", "every: 0");
}

// By validate: the peak it foretells.
double foretold(const std::string& recipe, const std::string& overrides) {
  const Said said = SmallRun::host("validate " + recipe + " --json " + overrides);
  INFO(said.err);
  REQUIRE(said.exit_code == 0);
  return host::parse_json(said.out).at("preflight").at("memory_estimate_bytes").as_number();
}

// The most a finished run took, by its last line.
double measured(const std::string& output) {
  const std::string log = content_of_file(small().path(output) / "metrics.jsonl");
  const size_t begin = log.rfind('\n', log.rfind("\"peak_memory_bytes\"")) + 1;
  return host::parse_json(log.substr(begin, log.find('\n', begin) - begin))
      .at("peak_memory_bytes")
      .as_number();
}

}  // namespace

#ifndef __SANITIZE_ADDRESS__  // whose own memory is most of a small run's
TEST_CASE("validate foretells a run's peak within 15 percent") {
  const std::string recipe = small().write("wide.yaml", wide_recipe()).string();
  int number = 0;
  for (const std::string how : {"", "train.tokens_per_microbatch=512", "train.recompute=blocks",
                                "methods.1.prefix.projection=false dtype=bfloat16"}) {
    INFO(how);
    const std::string output = "wide-" + std::to_string(++number);
    const std::string overrides = "output=" + small().path(output).string() + " " + how;
    const double expected = foretold(recipe, overrides);
    const Said said = SmallRun::host("run " + recipe + " " + overrides);
    INFO(said.err);
    REQUIRE(said.exit_code == 0);
    CHECK(expected == Approx(measured(output)).epsilon(0.15));
  }
}
#endif

TEST_CASE("auto becomes a number, which is told, written down, and kept when the run goes on") {
  const std::string text = with(SmallRun::recipe_text(), "tokens_per_microbatch: 150", "memory_limit: 4GB");
  const std::string recipe = small().write("auto.yaml", text).string();
  const std::string output = small().path("auto").string();
  const Said begun = SmallRun::host("run " + recipe + " output=" + output + " train.steps=2");
  INFO(begun.err);
  REQUIRE(begun.exit_code == 0);
  CHECK_THAT(begun.err + begun.out,
             Catch::Matchers::Contains("micro-batches of at most 896 tokens; predicted peak ") &&
                 Catch::Matchers::Contains(" of 4.0 GB"));
  CHECK_THAT(content_of_file(small().path("auto") / "recipe.yaml"),
             Catch::Matchers::Contains("tokens_per_microbatch: 896\n"));
  // Another limit would give another number; the run keeps its own.
  const Said resumed = SmallRun::host("run " + recipe + " output=" + output +
                                      " train.steps=2 --resume train.memory_limit=5GB");
  INFO(resumed.err);
  CHECK(resumed.exit_code == 0);
  const Said other = SmallRun::host("run " + recipe + " output=" + output +
                                    " train.steps=2 --resume train.tokens_per_microbatch=64");
  CHECK(other.exit_code == 2);
  CHECK_THAT(other.err, Catch::Matchers::Contains("train.tokens_per_microbatch is 64, was 896"));
}

TEST_CASE("a lower limit takes smaller micro-batches, until one example alone is too much") {
  const std::string text = with(wide_recipe(), "tokens_per_microbatch: off", "tokens_per_microbatch: auto");
  const std::string recipe = small().write("limited.yaml", text).string();
  const double whole = foretold(recipe, "train.memory_limit=100GB");
  const double lower =
      foretold(recipe, "train.memory_limit=" + std::to_string(static_cast<int64_t>(0.95 * whole)));
  CHECK(lower < 0.95 * whole);
  const Said said = SmallRun::host("validate " + recipe + " train.memory_limit=100MB");
  CHECK(said.exit_code == 2);
  CHECK_THAT(said.err, Catch::Matchers::Contains("error: 'train.memory_limit': ") &&
                           Catch::Matchers::Contains("expected at most 100 MB; "));
}

TEST_CASE("a recipe is foretold the same whenever it is asked, so that auto is the same number") {
  const std::string recipe = small().write("wide.yaml", wide_recipe()).string();
  const double once = foretold(recipe, "");
  for (int again = 0; again < 3; ++again) CHECK(foretold(recipe, "") == once);
}

TEST_CASE("a number above the limit is warned of, and obeyed") {
  const std::string recipe = small().write("wide.yaml", wide_recipe()).string();
  const Said said = SmallRun::host("validate " + recipe + " train.memory_limit=110MB");
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.out, Catch::Matchers::Contains("above train.memory_limit, 110 MB"));
}
