// `chat`, over an engine that computes nothing: messages, commands, a pipe and a terminal.
#include <catch2/catch.hpp>

#include "base/json.h"
#include "installed_host.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

constexpr const char* command = "PEFT_PLUGIN_PATH=" PEFT_PLUGINS " " PEFT_INSTALLED_HOST " chat ";

// What `chat` answers to lines through a pipe.
Said chat(const std::string& words, const std::string& lines) {
  return say("printf '" + lines + "' | " + command + words);
}

}  // namespace

TEST_CASE("chat answers line by line and remembers what was said") {
  const Installed peft_host;
  const auto answers = [&](const std::string& options) {
    return chat(peft_host.folder() + options, "one\\n\\ntwo\\n/new\\nthree\\n");
  };
  const Said said = answers("");
  INFO(said.err);
  CHECK(said.exit_code == 0);
  const std::string first = "tuned to user=one temperature=0";
  CHECK(said.out == first + "\ntuned to user=one assistant=" + first + " user=two temperature=0\n" +
                        "tuned to user=three temperature=0\n");
  CHECK_THAT(answers(" --base").out, StartsWith("base of user=one temperature=0\n"));
  CHECK_THAT(answers(" --seed 1").out, StartsWith("tuned to user=one temperature=1\n"));
  CHECK_THAT(answers(" --compare").out,
             StartsWith("base> base of user=one temperature=0\ntuned> " + first + "\n") &&
                 Contains("base> base of user=one assistant=" + first + " user=two"));
  const std::string json = answers(" --json --compare").out;
  const Value exchange = host::parse_json(json.substr(0, json.find('\n')));
  CHECK(exchange.at("user") == Value("one"));
  CHECK(exchange.at("tuned") == Value(first));
  CHECK(peft_host("chat " + peft_host.folder() + " < /dev/null").out.empty());
  // Before a run there is only the base to talk to.
  CHECK(peft_host("chat --base " + peft_host.recipe() + " < /dev/null").exit_code == 0);
  CHECK(peft_host("chat " + peft_host.recipe() + " < /dev/null").exit_code == 2);
  CHECK(peft_host("chat").exit_code == 2);
}

TEST_CASE("In a chat adapters are listed, switched and turned off") {
  const Installed peft_host;
  const Said said =
      chat(peft_host.folder(),
           "/adapters\\none\\n/adapters A,B=0\\n/adapters\\ntwo\\n/base\\n/adapters\\nthree\\n");
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.out, StartsWith("tuned to user=one") && Contains("\nadapters A B*0 to user=one") &&
                           Contains("\nbase of user=one"));
  CHECK(said.err ==
        "no adapter is loaded\n"
        "by 1  A (lora, prefix; 1,234 parameters, 20 virtual tokens)\n"
        "off  B (lora, prefix; 1,234 parameters, 20 virtual tokens)\n"
        "the base alone answers\n"
        "by 1  A (lora, prefix; 1,234 parameters, 20 virtual tokens)\n"
        "off  B (lora, prefix; 1,234 parameters, 20 virtual tokens)\n");
  // Through a pipe, what follows was meant for adapters that are not there.
  const Said strange = chat(peft_host.folder(), "/adapters strange\\none\\n");
  CHECK(strange.exit_code == 1);
  CHECK(strange.out.empty());
  CHECK_THAT(strange.err, Contains("strange: was trained on another base"));
}

TEST_CASE("In a chat base, tuned or both answer as they are told to") {
  const Installed peft_host;
  const Said said = chat(peft_host.folder(), "/base\\none\\n/new\\n/tuned\\none\\n/new\\n/both\\none\\n");
  INFO(said.err);
  CHECK(said.out ==
        "base of user=one temperature=0\ntuned to user=one temperature=0\n"
        "base> base of user=one temperature=0\ntuned> tuned to user=one temperature=0\n");
  const std::string of_a_recipe = "--base " + peft_host.recipe();
  CHECK_THAT(chat(of_a_recipe, "/both\\none\\n").err, Contains("found nothing tuned to answer"));
  CHECK(chat(of_a_recipe, "/both\\none\\n").exit_code == 2);
  CHECK_THAT(chat(of_a_recipe, "/adapters A\\n/tuned\\none\\n").out, StartsWith("adapters A to user=one"));
}

TEST_CASE("A slip for a command is told on a terminal, and is a message through a pipe") {
  if (say("script --version").exit_code != 0) {
    WARN("skipped: there is no 'script' to make a terminal with");
    return;
  }
  const Installed peft_host;
  const std::string lines = "/bse\\n/help\\n/etc/hosts one\\n";
  CHECK_THAT(chat(peft_host.folder(), lines).out, StartsWith("tuned to user=/bse"));
  // What is typed comes back too; the answer to it does not.
  const std::string seen = say("printf '" + lines + "' | script --quiet --return --command '" + command +
                               peft_host.folder() + "' /dev/null")
                               .out;
  CHECK_THAT(seen,
             Contains("no command is called '/bse'") && !Contains("user=/bse") && !Contains("user=/help"));
  CHECK_THAT(seen, Contains("tuned> tuned to user=/etc/hosts one"));
  size_t told = 0;
  for (size_t at = 0; (at = seen.find("say who answers", at)) != std::string::npos; ++at) ++told;
  CHECK(told == 3);  // at the beginning, for the slip, for /help
}
