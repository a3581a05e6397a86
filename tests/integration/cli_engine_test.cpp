// The verbs, over an engine that computes nothing: exit codes, what goes to stdout and what to stderr.
#include <catch2/catch.hpp>
#include <filesystem>

#include "base/json.h"
#include "installed_host.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
namespace fs = std::filesystem;

TEST_CASE("run prints the table on stdout and everything else on stderr") {
  const Installed peft_host;
  const Said said = peft_host("run " + peft_host.recipe());
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.out, Contains("perplexity  40.0000  30.0000  -10.0000 (-25.0 %)  yes"));
  CHECK_THAT(said.out, Contains("bleu         2.0000   1.0000   -1.0000 (-50.0 %)  no"));
  CHECK_THAT(said.out, Contains("trained 1,769,472 of 356,592,640 parameters (0.50 %)"));
  CHECK_THAT(said.out, !Contains("step 4/4"));
  CHECK_THAT(said.err, Contains("from the start") && Contains("step 1/4") && Contains("step 4/4"));
  CHECK_THAT(said.err, Contains("generate /nowhere/at/all --prompt"));

  const Said json = peft_host("run --resume --json " + peft_host.recipe());
  CHECK_THAT(json.err, Contains("resumed"));
  const Value table = host::parse_json(json.out);
  CHECK(table.at("tuned").at("perplexity") == Value(30.0));
  CHECK(table.at("trainable_parameters") == Value(1769472));
  CHECK(table.at("base").at("odd").is_null());
}

TEST_CASE("An interrupted run ends with 130 and says how to go on") {
  const Installed peft_host;
  const Said said = peft_host("run " + peft_host.recipe() + " name='two words'", "interrupt");
  CHECK(said.exit_code == 130);
  CHECK(said.out.empty());
  CHECK_THAT(said.err, Contains("step-000001.h5 after step 1 of 4; go on with:") &&
                           Contains("run " + peft_host.recipe() + " 'name=two words' --resume\n"));
  const Said resumed = peft_host("run --resume " + peft_host.recipe(), "interrupt");
  CHECK_THAT(resumed.err, Contains("run --resume " + peft_host.recipe() + "\n"));
  CHECK(peft_host("eval " + peft_host.folder(), "interrupt").exit_code == 130);
}

TEST_CASE("A second interruption ends the program at once, with the same code") {
  const Installed peft_host;
  const Said said = peft_host("run " + peft_host.recipe(), "interrupt twice");
  CHECK(said.exit_code == 130);
  CHECK_THAT(said.err, Contains("once more stops at once") && !Contains("go on with"));
}

TEST_CASE("Whatever the engine throws becomes a message and an exit code") {
  const Installed peft_host;
  const auto ends = [&](const std::string& behaviour, int code, const std::string& message) {
    for (const std::string& words : {"run " + peft_host.recipe(), "eval " + peft_host.folder(),
                                     "generate --prompt x " + peft_host.folder()}) {
      INFO(words << " / " << behaviour);
      const Said said = peft_host(words, behaviour);
      CHECK(said.exit_code == code);
      CHECK(said.out.empty());
      CHECK_THAT(said.err, Contains(message));
    }
  };
  ends("usage error", 2, "recipe.yaml:3:5: error: found x, expected y\n");
  ends("error", 1, "peft-host: error: the disk is full\n");
  ends("out of memory", 1, "peft-host: error: out of memory");
  ends("unexpected", 1, "peft-host: error: unexpected: a bug");
  ends("no exception", 1, "peft-host: error: unexpected");
}

TEST_CASE("validate shows the preflight with the trained tokens marked") {
  const Installed peft_host;
  const Said said = peft_host("validate " + peft_host.recipe());
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.out, Contains("1,769,472 of 356,592,640 parameters (0.50 %)"));
  CHECK_THAT(said.out, Contains("512 tokens + 20 virtual of 1,024"));
  CHECK_THAT(said.out, Contains("about 3.0 GB of 8.0 GB (micro-batches of at most 1,024 tokens)"));
  CHECK_THAT(said.out, Contains("### Assistant:⟦ Hi there⟧\n"));
  const Value value = host::parse_json(peft_host("validate --json " + peft_host.recipe()).out);
  CHECK(value.at("valid").as_boolean());
  CHECK(value.at("preflight").at("methods").as_list().size() == 2);

  const Said wrong = peft_host("validate " + peft_host.recipe(), "diagnostic");
  CHECK(wrong.exit_code == 2);
  CHECK(wrong.out.empty());
  CHECK_THAT(wrong.err, Contains(peft_host.recipe() + ":2:11: error: no site matches"));
}

TEST_CASE("generate prints continuations alone, greedy unless a sampling option is given") {
  const Installed peft_host;
  const std::string run = "generate " + peft_host.folder() + " ";
  const auto prints = [&](const std::string& words, const std::string& text) {
    const Said said = peft_host(run + words);
    INFO(said.err);
    CHECK(said.exit_code == 0);
    CHECK(said.out == text + "\n");
  };
  prints("--prompt 'a b'", "prompt=a b temperature=0 top_k=0 max_new_tokens=7 base=0 raw=0");
  prints("--prompt x --base --raw --max-new-tokens 3",
         "prompt=x temperature=0 top_k=0 max_new_tokens=3 base=1 raw=1");
  prints("--prompt x --top-k 5", "prompt=x temperature=1 top_k=5 max_new_tokens=7 base=0 raw=0");
  prints("--prompt x --seed 5", "prompt=x temperature=1 top_k=0 max_new_tokens=7 base=0 raw=0");
  prints("--prompt x --top-k 5 --temperature 0.25",
         "prompt=x temperature=0.25 top_k=5 max_new_tokens=7 base=0 raw=0");
  prints("--prompt '--base'", "prompt=--base temperature=0 top_k=0 max_new_tokens=7 base=0 raw=0");
  prints("--prompt ''", "prompt= temperature=0 top_k=0 max_new_tokens=7 base=0 raw=0");

  const Said piped = say("printf 'from a pipe\\n' | FAKE_ENGINE= PEFT_PLUGIN_PATH=" PEFT_PLUGINS
                         " " PEFT_INSTALLED_HOST " " +
                         run + "--prompt -");
  CHECK_THAT(piped.out, StartsWith("prompt=from a pipe temperature=0 "));
  const Value texts = host::parse_json(peft_host(run + "--prompt x --samples 3 --json").out);
  CHECK(texts.as_list().size() == 3);

  const Said searched_and_drawn = peft_host(run + "--prompt x --beams 2 --samples 3");
  CHECK(searched_and_drawn.exit_code == 2);
  CHECK_THAT(searched_and_drawn.err, Contains("--samples above 1 draw answers"));
}

TEST_CASE("A run's folder may be moved, and its data may be gone once it is trained") {
  const Installed peft_host;
  CHECK_THAT(peft_host("eval " + peft_host.folder()).err, Contains("evaluates " + peft_host.folder()));
  CHECK_THAT(peft_host("eval " + peft_host.recipe()).err, Contains("evaluates /nowhere/at/all"));
  fs::remove(peft_host.folder() + "/texts.jsonl");
  CHECK(peft_host("generate --prompt x " + peft_host.folder()).exit_code == 0);
  const Said exported = peft_host("export " + peft_host.folder() + " --to /some/place --format peft");
  CHECK(exported.exit_code == 0);
  CHECK(exported.out == "/some/place/lora\n");
  CHECK_THAT(exported.err, Contains("prefix stands beside"));
}

TEST_CASE("recipes are listed and copied with their data, and nothing is overwritten") {
  const Installed peft_host;
  const Value listed = host::parse_json(peft_host("recipes ls --json").out);
  REQUIRE(listed.as_list().size() == 2);
  CHECK(listed.as_list().front().at("summary") == Value("A small one."));
  const std::string copy = "recipes cp small " + peft_host.folder();
  CHECK(peft_host(copy).exit_code == 0);
  CHECK(fs::exists(peft_host.folder() + "/small.yaml"));
  CHECK(fs::exists(peft_host.folder() + "/small/data.txt"));
  const Said again = peft_host(copy);
  CHECK(again.exit_code == 1);
  CHECK_THAT(again.err, Contains("it is not overwritten"));
}

TEST_CASE("A recipe is copied with the one it extends, which others may have brought already") {
  const Installed peft_host;
  const std::string copy = "recipes cp variant " + peft_host.folder();
  const Said first = peft_host(copy);
  CHECK(first.exit_code == 0);
  CHECK(first.out == peft_host.folder() + "/variant.yaml\n" + peft_host.folder() + "/small.yaml\n");
  fs::remove(peft_host.folder() + "/variant.yaml");
  CHECK(peft_host(copy).exit_code == 0);

  fs::remove(peft_host.folder() + "/variant.yaml");
  peft_host.write("small.yaml", "name: changed\n");
  const Said refused = peft_host(copy);
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.err, Contains("small.yaml") && Contains("it is not overwritten"));
}

TEST_CASE("compare shows base and runs side by side, the same base once") {
  const Installed peft_host;
  const Installed other;
  const std::string prompts = peft_host.folder() + "/prompts.txt";
  peft_host.write("prompts.txt", "one\r\n\ntwo\n");
  const std::string both = "compare " + peft_host.folder() + " " + other.folder() + " --prompts " + prompts;
  const Value compared = host::parse_json(peft_host(both + " --json").out);
  REQUIRE(compared.as_list().size() == 2);
  const Value& second = compared.as_list()[1];
  CHECK(second.at("prompt") == Value("two"));
  CHECK(second.at("answers").at("base") == Value("base: two"));
  CHECK(second.at("answers").as_map().size() == 4);  // the bases lie in two folders
  CHECK_THAT(second.at("answers").at(other.folder()).as_text(), StartsWith("peft") && Contains(": two"));
  const std::string itself =
      "compare " + peft_host.folder() + " " + peft_host.folder() + " --prompts " + prompts;
  CHECK(host::parse_json(peft_host(itself + " --json").out).as_list()[0].at("answers").as_map().size() == 2);

  CHECK_THAT(peft_host(both).out, Contains("2/2  two"));
  const Said blind = peft_host(both + " --blind --json");
  const Value key = host::parse_json(blind.out).as_list()[0];
  for (const auto& [letter, who] : key.at("key").as_map()) {
    const std::string said = key.at("answers").at(letter).as_text();
    CHECK(said.starts_with("base: ") == who.as_text().starts_with("base"));
  }
  const std::string shown = peft_host(both + " --blind").out;
  const size_t told = shown.find("which was which");
  REQUIRE(told != std::string::npos);
  CHECK_THAT(shown.substr(told), Contains("base of") && Contains("  2: A "));
  CHECK_THAT(shown.substr(0, told), Contains("A ") && !Contains("base of"));
}

TEST_CASE("compare says what it lacks") {
  const Installed peft_host;
  CHECK_THAT(peft_host("compare " + peft_host.folder()).err,
             Contains("no evaluate.prompts") && Contains("--prompts FILE"));
  CHECK_THAT(peft_host("compare").err, Contains("found no RUN"));
  CHECK_THAT(peft_host("compare " + peft_host.folder() + " --prompts /nowhere").err,
             Contains("cannot read '/nowhere'"));
  CHECK_THAT(peft_host("compare " + peft_host.folder() + " --prompts /dev/null").err,
             Contains("found no prompt"));
  peft_host.write("bad.txt", "a\xff\n");
  const Said bad =
      peft_host("compare " + peft_host.folder() + " --prompts " + peft_host.folder() + "/bad.txt");
  CHECK(bad.exit_code == 2);
  CHECK_THAT(bad.err, Contains("bad.txt:1:2: error:"));
  CHECK(peft_host("compare " + peft_host.recipe() + " --prompts x").exit_code == 2);
}

TEST_CASE("generate, chat and compare take adapters with weights, on a run's base or the first adapter's") {
  const Installed peft_host;
  const std::string folder = peft_host.folder();
  CHECK_THAT(peft_host("generate --prompt x --adapters A,B=0.5 " + folder).out,
             Contains("raw=0 A=1 B=0.5\n"));
  CHECK_THAT(peft_host("generate --prompt x --adapters " + folder + "=-1,B").out,
             Contains("raw=0 " + folder + "=-1 B=1\n"));
  CHECK_THAT(peft_host("generate --prompt x --adapters A").err, Contains("A: error: found nothing"));
  const Said both = peft_host("generate --prompt x --base --adapters A " + folder);
  CHECK(both.exit_code == 2);

  // What exists under its whole name is no weight.
  fs::create_directory(folder + "/lr=2e-4");
  CHECK_THAT(peft_host("generate --prompt x --adapters " + folder + "/lr=2e-4 " + folder).out,
             Contains("/lr=2e-4=1\n"));

  CHECK_THAT(
      say("echo one | PEFT_PLUGIN_PATH=" PEFT_PLUGINS " " PEFT_INSTALLED_HOST " chat --adapters A,B=0.5 " +
          peft_host.recipe())
          .out,
      StartsWith("adapters A B*0.5 to user=one"));
  peft_host.write("prompts.txt", "one\n");
  const std::string words = " --json --prompts " + folder + "/prompts.txt --adapters A --adapters A,B=0.5";
  const Value answers =
      host::parse_json(peft_host("compare " + folder + words).out).as_list()[0].at("answers");
  CHECK(answers.as_map().size() == 4);
  CHECK_THAT(answers.at("A").as_text(), Contains(" A: one"));
  CHECK_THAT(answers.at("A, B by 0.5").as_text(), Contains(" A B*0.5: one"));
}
