// Fetches that are stopped, and two at once.
#include <csignal>

#include "hub_fixture.h"

using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

constexpr const char* slow_weights =
    R"({"faults": [{"path": "storage .*safetensors", "bytes_per_second": 2000000}]})";

// A command of the shell's as a program that signals reach.
std::vector<std::string> words(const std::string& command) {
  return {"/bin/sh", "-c", "exec " + command};
}

bool is_half_there(const HubRun& run) {
  if (!fs::exists(run.model() / "blobs")) return false;
  const auto parts = incomplete_blobs(run.model());
  std::error_code gone;
  return parts.size() == 1 && fs::file_size(parts.front(), gone) > 1'000'000 && !gone;
}

}  // namespace

TEST_CASE("A run that is killed while it fetches goes on where it was") {
  const HubRun run;
  run.hub.behave(slow_weights);
  {
    Process killed(words(run.command("run")), run.folder.path() / "log");
    const bool is_there = killed.wait_until([&] { return is_half_there(run); });
    INFO(content_of_file(run.folder.path() / "log"));
    REQUIRE(is_there);
    killed.signal(SIGKILL);
    CHECK(killed.wait() == 128 + SIGKILL);
  }
  run.hub.behave("{}");
  run.hub.forget();
  const Said said = run.host("validate");
  INFO(said.err);
  CHECK(said.exit_code == 0);
  // The server may notice only now that the first one has gone.
  auto requests = run.hub.seen("main/model.safetensors");
  std::erase_if(requests, [](const HubRequestSeen& request) { return request.range.empty(); });
  REQUIRE(requests.size() == 1);
  CHECK(requests.front().status == 206);
  CHECK(content_of_file(HubRun::snapshot(run.model()) / "model.safetensors") ==
        content_of_file(PEFT_DEMO "/model/model.safetensors"));
}

TEST_CASE("An interruption keeps what came and ends with 130") {
  const HubRun run;
  run.hub.behave(slow_weights);
  Process process(words(run.command("run")), run.folder.path() / "log");
  REQUIRE(process.wait_until([&] { return is_half_there(run); }));
  process.signal(SIGINT);
  CHECK(process.wait() == 130);
  const auto parts = incomplete_blobs(run.model());
  REQUIRE(parts.size() == 1);
  CHECK(fs::file_size(parts.front()) > 1'000'000);
  CHECK_THAT(content_of_file(run.folder.path() / "log"),
             Contains("fetching tiny ") && Contains("what came is kept"));
  CHECK(!fs::exists(run.output()));
}

TEST_CASE("Two runs at once fetch each file once, and both have it") {
  const HubRun run;
  run.hub.behave(slow_weights);
  Process first(words(run.command("validate")), run.folder.path() / "first");
  REQUIRE(first.wait_until([&] { return is_half_there(run); }));
  Process second(words(run.command("validate")), run.folder.path() / "second");
  CHECK(first.wait() == 0);
  CHECK(second.wait() == 0);
  CHECK(run.hub.seen("main/model.safetensors").size() == 1);
  CHECK_THAT(content_of_file(run.folder.path() / "second"),
             Contains("waiting for another process that fetches model.safetensors"));
}
