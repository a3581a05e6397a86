// Models and data from the hub, as a run meets them when all goes well.
#include "hub_fixture.h"

using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

// One run for all tests of this file, which look at it; those that change something take one of their own.
const HubRun& finished() {
  static const HubRun run;
  static const Said said = run.host("run");
  INFO(said.err);
  REQUIRE(said.exit_code == 0);
  return run;
}

std::string resolved_recipe(const HubRun& run) {
  return content_of_file(run.output() / "recipe.yaml");
}

std::string elsewhere(const HubRun& run) {
  return "output=" + (run.folder.path() / "elsewhere").string();
}

}  // namespace

TEST_CASE("A recipe of hub addresses runs, and what it leaves behind names the commits") {
  const HubRun& run = finished();
  const std::string model = HubRun::snapshot(run.model()).filename().string();
  const std::string data = HubRun::snapshot(run.data()).filename().string();
  CHECK_THAT(resolved_recipe(run), Contains("weights: \"hub://maker/tiny@" + model + "\"") &&
                                       Contains("tokenizer: \"hub://maker/tiny@" + model + "\"") &&
                                       Contains("source: [\"hub://maker/chats@" + data + "\"]"));
}

TEST_CASE("The cache is laid out as Hugging Face's own, and holds only what is read") {
  const HubRun& run = finished();
  const fs::path model = HubRun::snapshot(run.model());
  const fs::path data = HubRun::snapshot(run.data());
  CHECK(fs::read_symlink(model / "config.json").string().starts_with("../../blobs/"));
  CHECK(fs::read_symlink(data / "data/train-00000-of-00001.jsonl").string().starts_with("../../../blobs/"));
  CHECK(content_of_file(run.model() / "refs" / "main") == model.filename());
  CHECK(content_of_file(model / "model.safetensors") ==
        content_of_file(PEFT_DEMO "/model/model.safetensors"));
  CHECK(incomplete_blobs(run.model()).empty());
  for (const std::string name : {"pytorch_model.bin", "README.md"}) CHECK(!fs::exists(model / name));
  CHECK(!fs::exists(data / "data/test-00000-of-00001.jsonl"));
}

TEST_CASE("A run is used without asking anybody") {
  const HubRun& run = finished();
  run.hub.forget();
  const Said generated = say(run.hub.environment() + PEFT_HOST " generate " + run.output().string() +
                             " --prompt Hello --max-new-tokens 2");
  INFO(generated.err);
  CHECK(generated.exit_code == 0);
  const Said chatted = say("echo Hello | " + run.hub.environment() + PEFT_HOST " chat " +
                           run.output().string() + " --max-new-tokens 2");
  INFO(chatted.err);
  CHECK(chatted.exit_code == 0);
  CHECK(run.hub.seen().empty());
}

TEST_CASE("An adapter names a base of the hub's as Hugging Face does") {
  const HubRun& run = finished();
  const fs::path adapter = run.folder.path() / "adapter";
  const Said exported = say(run.hub.environment() + PEFT_HOST " export " + run.output().string() + " --to " +
                            adapter.string() + " --format peft");
  INFO(exported.err);
  REQUIRE(exported.exit_code == 0);
  CHECK_THAT(content_of_file(adapter / "adapter_config.json"),
             Contains("\"base_model_name_or_path\": \"maker/tiny\"") &&
                 Contains("\"revision\": \"" + HubRun::snapshot(run.model()).filename().string() + "\""));
}

TEST_CASE("Offline, the cache is enough, and nobody is asked") {
  const HubRun& run = finished();
  run.hub.forget();
  const Said offline = run.host("validate", elsewhere(run), "HF_HUB_OFFLINE=1");
  INFO(offline.err);
  CHECK(offline.exit_code == 0);
  CHECK(run.hub.seen().empty());
}

TEST_CASE("Where the hub cannot answer, what the branch last was goes on, and that is said") {
  const HubRun& run = finished();
  const Said unreachable = run.host("validate", elsewhere(run), "HF_ENDPOINT=http://127.0.0.1:9");
  INFO(unreachable.err);
  CHECK(unreachable.exit_code == 0);
  CHECK_THAT(unreachable.err,
             Contains("warning: cannot ask for the model maker/tiny at main") &&
                 Contains("going on with " + HubRun::snapshot(run.model()).filename().string()));
}

TEST_CASE("A branch that moves leaves a run as it was; a new one takes the new") {
  const HubRun run;
  REQUIRE(run.host("run").exit_code == 0);
  const std::string before = resolved_recipe(run);
  const fs::path chats = run.hub.root() / "datasets/maker/chats";
  fs::copy(chats / "main", chats / "old", fs::copy_options::recursive);
  run.hub.add("datasets/maker/chats", "data/train-00000-of-00001.jsonl", "{}\n");
  const Said again = run.host("run", "--resume");
  INFO(again.err);
  CHECK(again.exit_code == 0);
  CHECK(resolved_recipe(run) == before);
  const Said anew = run.host("validate", elsewhere(run));
  INFO(anew.err);
  CHECK(anew.exit_code == 2);  // {} is no message
}

TEST_CASE("A revision, a folder, a file or a glob in the address says which files are meant") {
  const HubRun run;
  run.hub.add("datasets/maker/many", "en/train.csv", "text\na\nb\n");
  run.hub.add("datasets/maker/many", "de/train.csv", "text\nc\n");
  run.hub.add("datasets/maker/many", "de/test.csv", "text\nd\n");
  fs::create_directories(run.hub.root() / "datasets/maker/many/v1/old");
  fs::copy(run.folder.write("only.csv", "text\ne\n"), run.hub.root() / "datasets/maker/many/v1/old/only.csv");
  const auto validate = [&](const std::string& source) {
    return run.host("validate", "data.dataset=text data.source=" + source);
  };
  const auto is_fetched = [&](const std::string& file) {
    for (const auto& commit : fs::directory_iterator(run.hub.cached("datasets--maker--many") / "snapshots"))
      if (fs::exists(commit.path() / file)) return true;
    return false;
  };

  check_refused(validate("hub://maker/many"), 2,
                {"'data.source': the dataset maker/many: found data files in several folders",
                 "de/train.csv, en/train.csv", "hub://maker/many/de/*.csv"});
  for (const auto& [source, file] :
       std::vector<std::pair<std::string, std::string>>{{"hub://maker/many/en", "en/train.csv"},
                                                        {"'hub://maker/many/d?/te*.csv'", "de/test.csv"},
                                                        {"hub://maker/many/de/train.csv", "de/train.csv"},
                                                        {"hub://maker/many@v1", "old/only.csv"}}) {
    const Said said = validate(source);
    INFO(source << "\n" << said.err);
    CHECK(said.exit_code == 0);
    CHECK(is_fetched(file));
    if (source != "hub://maker/many@v1") CHECK(!is_fetched("old/only.csv"));
  }
  check_refused(validate("hub://maker/many/fr"), 2, {"found no file and no folder 'fr'", "de/test.csv"});
}
