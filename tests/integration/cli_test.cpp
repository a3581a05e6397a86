// The program as a user meets it, up to where the engine begins.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>

#include "base/json.h"
#include "checkpoint/commit.h"
#include "support/program.h"
#include "unit/checkpoint_fixture.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
namespace fs = std::filesystem;

namespace {

const std::string program = PEFT_HOST;

Said peft_host(const std::string& words) {
  return say(program + " " + words);
}

size_t lines(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("--help names the verbs there are, and --version the version, at once") {
  const auto begin = std::chrono::steady_clock::now();
  const Said version = peft_host("--version");
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
  WARN("peft-host --version took " << taken.count() << " ms");
  CHECK(version.exit_code == 0);
  CHECK_THAT(version.out, StartsWith("peft-host "));

  const Said help = peft_host("--help");
  CHECK(help.exit_code == 0);
  for (const char* verb :
       {"run", "validate", "eval", "generate", "export", "report", "inspect", "plugins", "recipes"}) {
    CHECK_THAT(help.out, Contains(std::string("  ") + verb + " "));
    const Said of_verb = peft_host(std::string(verb) + " --help");
    CHECK(of_verb.exit_code == 0);
    CHECK_THAT(of_verb.out, StartsWith(std::string("usage: peft-host ") + verb));
  }
}

TEST_CASE("The program has no LibTorch in it") {
  const Said said = say("ldd " + program);
  REQUIRE(said.exit_code == 0);
  CHECK_THAT(said.out, Contains("libpeft_core"));
  CHECK_THAT(said.out, !Contains("torch") && !Contains("libc10"));
}

TEST_CASE("What is typed wrongly ends with 2 and says what was meant") {
  const auto refuses = [](const std::string& words, const std::string& message) {
    INFO(words);
    const Said said = peft_host(words);
    CHECK(said.exit_code == 2);
    CHECK(said.out.empty());
    CHECK_THAT(said.err, StartsWith("peft-host: error: ") && Contains(message));
  };
  refuses("", "found no verb");
  refuses("rum recipe.yaml", "unknown verb 'rum'; did you mean 'run'?");
  refuses("--json run", "expected a verb first");
  refuses("run", "found no RECIPE");
  refuses("run a.yaml --resum", "unknown option '--resum'; did you mean '--resume'?");
  refuses("run a.yaml epochs", "found 'epochs' after RECIPE, expected key=value");
  refuses("generate somewhere", "found no --prompt");
  refuses("generate somewhere --prompt", "prompt");
  refuses("generate somewhere --prompt x --max_new_tokens 3", "did you mean '--max-new-tokens'?");
  refuses("generate somewhere --prompt x --temperature=-1",
          "--temperature: found -1, expected a number at least 0");
  refuses("generate somewhere --prompt x --top-k 1.5", "--top-k: found 1.5, expected an integer");
  refuses("generate somewhere --prompt \"$(printf 'a\\377')\"", "found byte 2 that is no UTF-8");
  refuses("export somewhere --format peft", "found no --to");
  refuses("export somewhere --to x --format merge", "--format: found 'merge', expected peft or merged");
  refuses("export somewhere --to x --format peft --dtype bfloat16", "adapters are float32");
  refuses("report", "found no RUN");
  refuses("report somewhere --outptu x.html", "did you mean '--output'?");
  refuses("plugins lst", "did you mean 'list'?");
  refuses("plugins describe", "found no NAME");
  refuses("recipes cp nothing_like_it", "found no recipe");
  refuses("plugins list --plugin-dir /nowhere/at/all", "--plugin-dir");
}

TEST_CASE("Verbs that do not exist yet are unknown") {
  for (const char* verb : {"import", "sweep", "serve"}) {
    const Said said = peft_host(verb);
    CHECK(said.exit_code == 2);
    CHECK_THAT(said.err, Contains(std::string("unknown verb '") + verb + "'"));
  }
}

TEST_CASE("All mistakes of a recipe are told at once, with their places") {
  const TemporaryFolder folder;
  const std::string recipe = folder
                                 .write("wrong.yaml",
                                        "model: {family: gpt3}\n"
                                        "methods:\n"
                                        "  - lora: {rnak: 8}\n"
                                        "task: causal_lm\n"
                                        "output: runs/wrong\n")
                                 .string();
  for (const std::string verb : {"run ", "validate ", "eval "}) {
    INFO(verb);
    const Said said = peft_host(verb + recipe + " train.epochs=0");
    CHECK(said.exit_code == 2);
    CHECK(said.out.empty());
    CHECK_THAT(said.err,
               Contains(recipe + ":1:17: error: unknown model family 'gpt3'; did you mean 'gpt2'?"));
    CHECK_THAT(said.err, Contains(recipe + ":3:12: error: unknown key 'lora.rnak'; did you mean 'rank'?"));
    CHECK_THAT(said.err, Contains("command line: 'train.epochs=0': error: "));
    CHECK_THAT(said.err, !Contains("peft-host: error"));
  }
  const Said said = peft_host("validate --json " + recipe);
  CHECK(said.exit_code == 2);
  const Value found = host::parse_json(said.out);
  CHECK_FALSE(found.at("valid").as_boolean());
  CHECK(found.at("diagnostics").as_list().size() >= 3);
  CHECK(found.at("diagnostics").as_list().front().at("line") == Value(1));
}

TEST_CASE("A run is asked for by its folder") {
  const TemporaryFolder folder;
  for (const std::string words : {"generate ", "eval ", "export ", "report "}) {
    const std::string rest = words == "eval " || words == "report " ? ""
                             : words == "export "                   ? " --to x --format peft"
                                                                    : " --prompt x";
    std::string line = words;
    line += folder.path().string();
    line += rest;
    const Said said = peft_host(line);
    CHECK(said.exit_code == 2);
    CHECK_THAT(said.err, Contains("expected a run's folder, with its recipe.yaml"));
  }
}

TEST_CASE("plugins list and describe say the same as text and as JSON") {
  const Said list = peft_host("plugins list");
  CHECK(list.exit_code == 0);
  const Said json = peft_host("plugins list --json");
  CHECK(json.exit_code == 0);
  const Value components = host::parse_json(json.out).at("components");
  CHECK(lines(list.out) == components.as_list().size() + 2);
  for (const Value& component : components.as_list()) {
    CHECK_THAT(list.out,
               Contains(component.at("name").as_text()) && Contains(component.at("file").as_text()));
  }

  const Said lora = peft_host("plugins describe lora");
  CHECK(lora.exit_code == 0);
  CHECK_THAT(lora.out, Contains("rank") && Contains("at least 1") && Contains("2106.09685"));
  const Value described = host::parse_json(peft_host("plugins describe --json lora").out).as_list().front();
  CHECK(described.at("kind") == Value("method"));
  CHECK(described.at("options").as_list().front().at("name") == Value("rank"));

  const Said unknown = peft_host("plugins describe lroa");
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.err, Contains("did you mean 'lora'?"));
}

TEST_CASE("A damaged plugin is left out of the list and stops a run") {
  const TemporaryFolder folder;
  folder.write("broken.so", "no library");
  const std::string option = " --plugin-dir " + folder.path().string();
  const Said list = peft_host("plugins list" + option);
  CHECK(list.exit_code == 0);
  CHECK_THAT(list.err, Contains("left out: ") && Contains("broken.so"));
  CHECK(host::parse_json(peft_host("plugins list --json" + option).out).at("problems").as_list().size() == 1);
  const Said run = peft_host("run somewhere.yaml" + option);
  CHECK(run.exit_code == 1);
  CHECK_THAT(run.err, Contains("broken.so"));
}

TEST_CASE("inspect shows a checkpoint, by its name or its run's, and refuses a damaged one") {
  const TemporaryFolder run;
  const host::Committed committed =
      host::write_checkpoint(run.path() / "checkpoints", sample_checkpoint(200), 3);
  for (const fs::path& given : {committed.path, run.path(), run.path() / "checkpoints"}) {
    const Said said = peft_host("inspect " + given.string());
    CHECK(said.exit_code == 0);
    CHECK_THAT(said.out, Contains(committed.sha256) && Contains("sets/default/lora/h.0.attn.qkv.A") &&
                             Contains("trained   6 elements") &&
                             Contains("beside them: optimizer, 1 tensors"));
  }
  const Value value = host::parse_json(peft_host("inspect --json " + run.path().string()).out);
  CHECK(value.at("verified").as_boolean());
  CHECK(value.at("step") == Value(200));
  CHECK(value.at("tensors").as_list().size() == 3);

  std::string content = content_of(committed.path);
  content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
  overwrite(committed.path, content);
  const Said damaged = peft_host("inspect " + committed.path.string());
  CHECK(damaged.exit_code == 1);
  CHECK_THAT(damaged.out, Contains("verified  NO"));
  CHECK_THAT(damaged.err, Contains(committed.path.string() + ": error: "));

  CHECK(peft_host("inspect nowhere.h5").exit_code == 2);
}

TEST_CASE("Results that cannot be written are a failure") {
  // `say` redirects the group's output; the program's own goes to a device that is always full.
  const Said said = say("{ " + program + " plugins list >/dev/full; }");
  CHECK(said.exit_code == 1);
  CHECK_THAT(said.err, Contains("cannot write to standard output"));
}
