// What the hub does not give: which it is, and what to do.
#include "hub_fixture.h"

using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

TEST_CASE("A repository, revision or file that is not there is named at its place in the recipe") {
  HubRun run;
  const std::string instead = "; or give files of this machine: model.weights=PATH";
  run.recipe = run.write(with(HubRun::recipe_text(), "hub://maker/tiny", "hub://maker/tinny"));
  check_refused(
      run.host("run"), 2,
      {run.error_at("4:12", "'model.weights': there is no model 'maker/tinny' on " + run.hub.endpoint() +
                                ", or it is private; check the name, or give "
                                "a token by the variable HF_TOKEN or in the "
                                "file " +
                                (run.hub.home() / "token").string() + instead)});
  run.recipe = run.write(with(HubRun::recipe_text(), "hub://maker/tiny", "hub://maker/tiny@v9"));
  check_refused(run.host("run"), 2,
                {run.error_at("4:12", "'model.weights': the model maker/tiny has no revision 'v9'")});
  run.recipe =
      run.write(with(HubRun::recipe_text(), "hub://maker/chats", "hub://maker/chats/data/trian.jsonl"));
  check_refused(run.host("run"), 2,
                {run.error_at("9:11",
                              "'data.source': the dataset maker/chats: found no file and no folder "
                              "'data/trian.jsonl'")});
  CHECK(run.hub.seen("resolve/").empty());  // nothing is fetched for a recipe that is wrong
}

TEST_CASE("All that is wrong with several addresses is told at once") {
  HubRun run;
  run.recipe = run.write(with(with(HubRun::recipe_text(), "hub://maker/tiny", "hub://maker/a"),
                              "hub://maker/chats", "hub://maker/b"));
  check_refused(run.host("validate"), 2,
                {run.error_at("4:12", "'model.weights': there is no model 'maker/a'"),
                 run.error_at("9:11", "'data.source': there is no dataset 'maker/b'")});
}

TEST_CASE("A repository without what is read is refused by what it holds") {
  const HubRun run;
  run.hub.add("models/maker/old", "config.json", "{}");
  run.hub.add("models/maker/old", "pytorch_model.bin", "weights");
  run.hub.add("datasets/maker/pictures", "cat.png", "cat");
  check_refused(run.host("run", "model.weights=hub://maker/old data.source=hub://maker/pictures"), 2,
                {"the model maker/old: found no model.safetensors, expected a model in Hugging Face layout "
                 "with weights in safetensors; it holds config.json, pytorch_model.bin",
                 "the dataset maker/pictures: found no data file", "it holds cat.png"});
}

TEST_CASE("A private repository wants a token; a wrong one is refused by where it was found") {
  const HubRun run;
  run.hub.behave(R"({"token": "hf_right", "private": ["maker/tiny"]})");
  check_refused(run.host("run"), 2, {"there is no model 'maker/tiny'", "or it is private", "HF_TOKEN"});
  const Said wrong = run.host("run", "", "HF_TOKEN=hf_wrong");
  check_refused(wrong, 2, {"refuses the token of HF_TOKEN", "Invalid credentials"});
  CHECK_THAT(wrong.err, !Contains("hf_wrong"));
  CHECK(run.host("validate", "", "HF_TOKEN=hf_right").exit_code == 0);
}

TEST_CASE("A token is read from the file that Hugging Face's login writes") {
  const HubRun run;
  run.hub.behave(R"({"token": "hf_right", "private": ["maker/tiny"]})");
  std::ofstream(run.hub.home() / "token") << "hf_right\n";
  const Said said = run.host("validate");
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.out + said.err, !Contains("hf_right"));
}

TEST_CASE("A gated repository is refused with the page of its licence") {
  const HubRun run;
  run.hub.behave(R"({"token": "hf_right", "gated": ["maker/tiny"]})");
  check_refused(run.host("run"), 2,
                {run.error_at("4:12",
                              "'model.weights': the model maker/tiny is gated, and no token was given; "
                              "accept its licence on " +
                                  run.hub.endpoint() + "/maker/tiny, then give a token by")});
  run.hub.behave(
      R"({"token": "hf_right", "faults": [{"path": "resolve/", "status": 403, "headers": {"X-Error-Code": "GatedRepo"}}]})");
  check_refused(run.host("run", "", "HF_TOKEN=hf_right"), 2,
                {"is gated, and the account of the token (of HF_TOKEN) has no access to it; accept its "
                 "licence on " +
                 run.hub.endpoint() + "/maker/tiny"});
}

TEST_CASE("Names that lead out of the folder are refused, and nothing is fetched") {
  for (const std::string name :
       {"../outside.jsonl", "/etc/outside.jsonl", "data/../../outside.jsonl", "a\\\\b.jsonl"}) {
    const HubRun run;
    run.hub.behave(R"({"names": [")" + name + "\"]}");
    check_refused(run.host("run"), 1, {"'model.weights': the model maker/tiny", "outside its folder"});
    CHECK(run.hub.seen("resolve/").empty());
    CHECK(!fs::exists(run.hub.home() / "hub"));
  }
}

TEST_CASE("With no network, what is missing and how to do without it is said soon") {
  const HubRun run;
  // Nobody listens on port 9.
  const Said said = run.host("run", "", "HF_ENDPOINT=http://127.0.0.1:9");
  check_refused(said, 1,
                {run.error_at("4:12",
                              "'model.weights': cannot ask for the model maker/tiny at main: "
                              "http://127.0.0.1:9: Failed to connect"),
                 "or give files of this machine: model.weights=PATH",
                 run.error_at("9:11", "'data.source': cannot ask for the dataset maker/chats at main")});
  check_refused(run.host("run", "", "HF_HUB_OFFLINE=1"), 1,
                {"the model maker/tiny at main is not in the cache, " + (run.hub.home() / "hub").string() +
                     ", and HF_HUB_OFFLINE is set; unset it to fetch from " + run.hub.endpoint(),
                 "the dataset maker/chats at main is not in the cache"});
  CHECK(run.hub.seen().empty());
}

TEST_CASE("Offline with a part of the files, the missing one is named") {
  const HubRun run;
  REQUIRE(run.host("validate").exit_code == 0);
  fs::remove(HubRun::snapshot(run.model()) / "vocab.json");
  const Said said = run.host("validate", "", "HF_HUB_OFFLINE=1");
  CHECK(said.exit_code == 1);
  CHECK_THAT(said.err, Contains("vocab.json of the model maker/tiny at main is not in the cache"));
}

TEST_CASE("Settings that cannot be meant are refused by name") {
  const HubRun run;
  check_refused(run.host("run", "", "HF_ENDPOINT=huggingface"), 2, {"HF_ENDPOINT: found 'huggingface'"});
  const Said said = run.host("run", "", "HF_TOKEN='hf_a b'");
  check_refused(said, 2, {"the token of HF_TOKEN holds a space"});
  CHECK_THAT(said.err, !Contains("hf_a b"));
}
