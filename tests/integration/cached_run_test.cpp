// Runs on tokens from the cache.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "support/compare_runs.h"
#include "support/small_run.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

// A small run with a cache and a tokeniser of its own.
struct Cached {
  SmallRun small;
  fs::path cache = small.path("cache");
  fs::path tokenizer = small.path("tokenizer");

  Cached() { fs::copy(PEFT_DEMO "/model", tokenizer); }

  Said host(const std::string& words) const {
    return say("PEFT_CACHE=" + cache.string() + " " PEFT_HOST " " + words);
  }
  std::string recipe() const { return small.recipe() + " model.tokenizer=" + tokenizer.string(); }

  std::vector<fs::path> entries() const {
    std::vector<fs::path> files;
    if (!fs::exists(cache)) return files;
    for (const auto& file : fs::recursive_directory_iterator(cache)) {
      if (file.is_regular_file()) files.push_back(file.path());
    }
    return files;
  }

  // How many entries a preflight adds.
  size_t added_by(const std::string& overrides) const {
    const size_t before = entries().size();
    const Said said = host("validate " + recipe() + " " + overrides);
    INFO(said.err);
    REQUIRE(said.exit_code == 0);
    return entries().size() - before;
  }
};

// What a preflight said, without what it measured of its own process.
std::string repeatable(const Said& said) {
  Value::Map kept;
  const Value found = host::parse_json(said.out);
  for (const Value::Entry& entry : found.at("preflight").as_map()) {
    if (entry.first != "memory_estimate_bytes") kept.push_back(entry);
  }
  return host::dump_json(kept);
}

}  // namespace

TEST_CASE("A run on tokens from the cache is the run that encodes them, bit for bit") {
  const Cached cached;
  REQUIRE(
      SmallRun::host("run " + cached.recipe() + " output=" + cached.small.path("off").string()).exit_code ==
      0);
  CHECK(cached.entries().empty());
  for (const char* run : {"cold", "warm"}) {
    const Said said = cached.host("run " + cached.recipe() + " output=" + cached.small.path(run).string());
    INFO(said.err);
    REQUIRE(said.exit_code == 0);
    CHECK(cached.entries().size() == 1);
    CHECK(differences(cached.small.path("off"), cached.small.path(run)).empty());
  }
}

TEST_CASE("A preflight on tokens from the cache says the same, notes and the rendered example included") {
  const Cached cached;
  const fs::path held_out = PEFT_DEMO "/held_out.jsonl";
  for (const std::string& validation : {std::string("0.2"), held_out.string()}) {
    const std::string words =
        "validate --json " + cached.recipe() + " data.max_length=40 data.validation=" + validation;
    const Said encoded = SmallRun::host(words);
    INFO(encoded.err);
    REQUIRE(encoded.exit_code == 0);
    CHECK_THAT(encoded.out, Contains("turns dropped"));
    for (int time = 0; time < 2; ++time) {
      const Said said = cached.host(words);
      CHECK(repeatable(said) == repeatable(encoded));
      CHECK(said.err == encoded.err);
    }
  }
  CHECK(cached.entries().size() == 2);  // the source's, and that of the validation's own
}

TEST_CASE("On the real conversations the cache gives the preflight that encoding gives") {
  const char* shared = std::getenv("PEFT_SHARED_DATA");
  const fs::path file =
      fs::path(shared == nullptr ? "" : shared) / "data/openassistant/oasst1_en_validation.jsonl";
  if (!fs::exists(file)) {
    WARN("skipped: " << file << " is not there");
    return;
  }
  const Cached cached;
  const std::string words = "validate --json " + cached.recipe() + " data.source=" + file.string();
  const Said encoded = SmallRun::host(words);
  INFO(encoded.err);
  REQUIRE(encoded.exit_code == 0);
  for (int time = 0; time < 2; ++time) CHECK(repeatable(cached.host(words)) == repeatable(encoded));
  CHECK(cached.entries().size() == 1);
}

TEST_CASE("Whatever decides the tokens makes an entry of its own, and nothing else does") {
  const Cached cached;
  CHECK(cached.added_by("") == 1);
  CHECK(cached.added_by("") == 0);
  for (const char* other :
       {"seed=4", "train.learning_rate=1e-3", "data.validation=0.5", "evaluate.examples=2",
        "methods.0.lora.rank=2", "data.shuffle=false", "threads=1"}) {
    CAPTURE(other);
    CHECK(cached.added_by(other) == 0);
  }
  for (const char* other : {"data.max_length=80", "data.train_on=all", "data.replies=all"}) {
    CAPTURE(other);
    CHECK(cached.added_by(other) == 1);
  }

  std::string chats = content_of_file(cached.small.path("chats.jsonl"));
  chats[chats.find("Silver") + 1] = 'a';
  cached.small.write("chats.jsonl", chats);
  CHECK(cached.added_by("") == 1);
  CHECK(cached.added_by("") == 0);

  // The same merges with an empty line after them are the same tokeniser; another merge or token is not.
  const fs::path merges = cached.tokenizer / "merges.txt";
  const std::string before = content_of_file(merges);
  std::ofstream(merges, std::ios::app) << "\n";
  CHECK(cached.added_by("") == 0);
  std::ofstream(merges, std::ios::trunc) << before.substr(0, before.rfind('\n', before.size() - 2) + 1);
  CHECK(cached.added_by("") == 1);
  std::ofstream(cached.tokenizer / "special_tokens_map.json") << R"({"additional_special_tokens": ["the"]})";
  CHECK(cached.added_by("") == 1);
}

TEST_CASE("A damaged entry is said and made again, and the run is the same") {
  const Cached cached;
  const std::string words = "validate --json " + cached.recipe();
  const Said whole = cached.host(words);
  REQUIRE(cached.entries().size() == 1);
  fs::resize_file(cached.entries().front(), fs::file_size(cached.entries().front()) / 2);
  const Said damaged = cached.host(words);
  CHECK(damaged.exit_code == 0);
  CHECK_THAT(damaged.out, Contains("it is made again"));
  CHECK(repeatable(cached.host(words)) == repeatable(whole));
}

TEST_CASE("Where the cache cannot be written the run goes on and says so") {
  const Cached cached;
  cached.small.write("cache", "a file where a folder is expected");
  const Said said = cached.host("validate " + cached.recipe());
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.out, Contains("was not kept for the next run") && Contains("PEFT_CACHE"));
}
