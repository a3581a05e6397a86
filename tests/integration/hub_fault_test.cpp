// A hub and a network that misbehave: what came is kept, what is wrong never counts.
#include "hub_fixture.h"

using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

std::string demo_weights() {
  return content_of_file(PEFT_DEMO "/model/model.safetensors");
}

bool has_weights(const HubRun& run) {
  return content_of_file(HubRun::snapshot(run.model()) / "model.safetensors") == demo_weights();
}

}  // namespace

TEST_CASE("Too many requests are asked again when the hub says so, and errors of its own soon") {
  const HubRun run;
  run.hub.behave(R"({"faults": [
      {"path": "hub /api/models", "status": 429, "headers": {"Retry-After": "1"}, "times": 1},
      {"path": "config.json", "status": 503, "times": 2}]})");
  const Said said = run.host("validate");
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.err,
             Contains("the hub answers 429, too many requests; asking again in 1.0 s") &&
                 Contains("cannot fetch config.json of the model maker/tiny at main: the hub answers "
                          "503, unavailable; asking again in 0.5 s"));
}

TEST_CASE("A hub that stays unavailable is given up, with what was fetched kept") {
  const HubRun run;
  run.hub.behave(R"({"faults": [{"path": "storage .*model.safetensors", "status": 502}]})");
  check_refused(run.host("run"), 1,
                {"cannot fetch model.safetensors of the model maker/tiny at main: the hub answers 502, bad "
                 "gateway (asked 5 times); try again later, what was fetched is kept"});
  run.hub.behave("{}");
  run.hub.forget();
  CHECK(run.host("validate").exit_code == 0);
  CHECK(run.hub.seen("main/model.safetensors").size() == 1);
  CHECK(run.hub.seen("/merges.txt").empty());
}

TEST_CASE("A connection that is cut is taken up where it ended") {
  const HubRun run;
  run.hub.behave(R"({"faults": [{"path": "storage .*safetensors", "cut_after": 5000000, "times": 2}]})");
  const Said said = run.host("validate");
  INFO(said.err);
  CHECK(said.exit_code == 0);
  const auto requests = run.hub.seen("main/model.safetensors");
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].range.empty());
  CHECK(requests[1].range == "bytes=5000000-");
  CHECK(requests[2].range == "bytes=10000000-");
  CHECK(has_weights(run));
}

TEST_CASE("A server that knows no ranges sends the whole, which then counts") {
  const HubRun run;
  run.hub.behave(R"({"faults": [{"path": "storage .*safetensors", "cut_after": 5000000, "times": 1},
                                {"path": "storage .*safetensors", "whole": true}]})");
  CHECK(run.host("validate").exit_code == 0);
  CHECK(has_weights(run));
}

TEST_CASE("A server that always cuts a file it cannot resume is given up in the end") {
  const HubRun run;
  run.hub.behave(R"({"faults": [{"path": "storage .*safetensors", "cut_after": 5000000, "whole": true}]})");
  check_refused(run.host("run"), 1, {"cannot fetch model.safetensors", "(asked 5 times)"});
}

TEST_CASE("A file whose hash is wrong is no file: not a large one, not a small one") {
  for (const auto& [file, hash] : std::vector<std::pair<std::string, std::string>>{
           {"model.safetensors", "SHA-256"}, {"vocab.json", "Git's SHA-1"}}) {
    const HubRun run;
    run.hub.behave(R"({"faults": [{"path": "(storage|resolve-cache).*)" + file + R"(", "corrupt": true}]})");
    check_refused(run.host("run"), 1,
                  {"'model.weights': cannot fetch " + file + " of the model maker/tiny at main: " + hash +
                   " of what came is not the one that the hub lists"});
    CHECK(!fs::exists(HubRun::snapshot(run.model()) / file));
    CHECK(incomplete_blobs(run.model()).empty());
    run.hub.behave("{}");
    CHECK(run.host("validate").exit_code == 0);
  }
}

TEST_CASE("A part that does not fit the file is thrown away, and the file fetched anew") {
  const HubRun run;
  run.hub.behave(R"({"faults": [{"path": "storage .*safetensors", "cut_after": 100, "times": 1},
                                {"path": "storage .*safetensors", "status": 404}]})");
  REQUIRE(run.host("run").exit_code == 2);
  const auto parts = incomplete_blobs(run.model());
  REQUIRE(parts.size() == 1);
  CHECK(fs::file_size(parts.front()) == 100);
  std::ofstream(parts.front()) << std::string(100, 'x');
  run.hub.behave("{}");
  const Said said = run.host("validate");
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.err, Contains("what was kept of it does not fit the hub's; fetching it anew"));
  CHECK(has_weights(run));
}

TEST_CASE("A token stays with the hub, wherever its answers lead") {
  const HubRun run;
  run.hub.behave(R"({"token": "hf_secret", "gated": ["maker/tiny"]})");
  const Said said = run.host("validate", "", "HF_TOKEN=hf_secret");
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.out + said.err, !Contains("hf_secret"));
  size_t of_hub = 0;
  size_t of_storage = 0;
  for (const auto& request : run.hub.seen()) {
    if (request.server == "hub") {
      CHECK(request.authorization == "Bearer hf_secret");
      ++of_hub;
    } else {
      CHECK(request.authorization.empty());
      ++of_storage;
    }
  }
  CHECK(of_hub > 5);
  CHECK(of_storage == 1);
}

TEST_CASE("A hub that redirects everything to a stranger gives the stranger no token") {
  const HubRun run;
  run.hub.behave(R"({"faults": [{"path": "hub /api/", "redirect": ")" + run.hub.storage() +
                 R"(/elsewhere"}]})");
  check_refused(run.host("run", "", "HF_TOKEN=hf_secret"), 2, {"'model.weights'"});
  const auto strangers = run.hub.seen("elsewhere");
  REQUIRE(!strangers.empty());
  for (const auto& request : strangers) CHECK(request.authorization.empty());
}

TEST_CASE("An answer that is no hub's is said to be none") {
  const HubRun run;
  run.hub.behave(R"({"faults": [{"path": "hub /api/", "status": 200}]})");
  check_refused(run.host("run"), 1, {"'model.weights'", "is HF_ENDPOINT a hub"});
}
