// Plugins that are not what they should be, through the program.
#include <catch2/catch.hpp>
#include <filesystem>
#include <tuple>

#include "refusal.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

const fs::path test_plugins = PEFT_TEST_PLUGINS;

// A folder with one of the bad libraries, under the manifest of a good method: it comes to be opened.
std::string plugin_folder(const std::string& bad) {
  const fs::path folder = small().path("plugin-" + bad);
  if (fs::create_directory(folder)) {
    fs::copy(test_plugins / "bad" / (bad + ".so"), folder / "good_method.so");
    fs::copy(test_plugins / "good" / "good_method.json", folder / "good_method.json");
  }
  return folder.string();
}

std::string recipe_with_method(const std::string& name) {
  return recipe_of(with(SmallRun::recipe_text(), "  - prompt: {tokens: 2}", "  - " + name));
}

}  // namespace

TEST_CASE("A plugin of another build is refused before it is opened, and told what to rebuild") {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"section_other_sdk", "SDK number 99"},     {"section_other_torch", "LibTorch 1.4"},
      {"section_other_cxx11_abi", "ABI"},         {"section_ill_formed", ".peft.abi.one"},
      {"section_none", "not a peft-host plugin"},
  };
  for (const auto& [name, message] : bad) {
    INFO(name);
    const std::string option = " --plugin-dir " + plugin_folder(name);
    check_refused(SmallRun::host("run " + small().recipe() + option), 1, {"good_method.so", message});
    check_refused(SmallRun::host("validate " + small().recipe() + option), 1, {"good_method.so", message});
    const Said listed = SmallRun::host("plugins list" + option);
    CHECK(listed.exit_code == 0);
    CHECK_THAT(listed.err, Contains("good_method.so") && Contains(message));
    CHECK_THAT(listed.out, Contains("lora") && !Contains("idle"));
  }
}

TEST_CASE("A plugin that is not what its manifest says is refused when it is opened") {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"no_entry_point", "found no entry point 'peft_plugin_info'"},
      {"other_magic", "its magic number is wrong"},
      {"other_sdk", "found a plugin for SDK number 99"},
      {"other_torch", "rebuild the plugin with the LibTorch"},
      {"other_cxx11_abi", "_GLIBCXX_USE_CXX11_ABI=7"},
      {"other_compiler", "ABI family 99"},
      {"missing_symbol", "function_that_nobody_defines"},
      {"registration_throws", "its registration failed: out of luck"},
      {"registration_throws_int", "its registration failed"},
      {"registers_nothing", "it registers nothing"},
  };
  const std::string recipe = recipe_with_method("idle");
  for (const auto& [name, message] : bad) {
    INFO(name);
    const std::string option = " --plugin-dir " + plugin_folder(name);
    check_refused(SmallRun::host("run " + recipe + option), 1, {"good_method.so", message});
    const Said validated = SmallRun::host("validate " + recipe + option);
    INFO(validated.err);
    CHECK((validated.exit_code == 1 || validated.exit_code == 2));
    CHECK_THAT(validated.err, Contains(message) && !Contains("unexpected:"));
  }
}

TEST_CASE("A factory that throws, or makes nothing, is named with its plugin") {
  const std::string option = " --plugin-dir " + (test_plugins / "factories").string();
  for (const auto& [name, code, message] : std::vector<std::tuple<std::string, int, std::string>>{
           {"throws_std", 1, "method 'throws_std' of plugin bad_factories 1.0.0"},
           {"throws_int", 1, "method 'throws_int' of plugin bad_factories 1.0.0"},
           {"attach_throws_std", 1, "cannot be attached to the model: there is no layer 99"},
           {"attach_throws_int", 1, "cannot be attached to the model: something was thrown"},
           {"returns_null", 1, "method 'returns_null' of plugin bad_factories 1.0.0"},
           {"throws_usage", 2, "found rank 9, expected one that divides 8"}}) {
    INFO(name);
    const std::string recipe = recipe_with_method(name);
    const std::vector<std::string> messages = {recipe + ":11:", message};
    check_refused(SmallRun::host("run " + recipe + option), code, messages);
    check_refused(SmallRun::host("validate " + recipe + option), code, messages);
  }
}

TEST_CASE("A method that fails does not hide what else is wrong") {
  const std::string option = " --plugin-dir " + (test_plugins / "factories").string();
  for (const std::string name : {"throws_std", "throws_int", "attach_throws_std", "attach_throws_int"}) {
    INFO(name);
    const std::string recipe = recipe_with_method(name);
    // The recipe's own mistakes decide the code.
    check_refused(SmallRun::host("validate " + recipe + option +
                                 " methods.0.lora.targets=[nowhere] data.max_length=900"),
                  2, {name, "no linear site is called 'nowhere'", "the model has 128 positions"});
  }
}

TEST_CASE("A name that two plugins bring is an error that names both files") {
  const std::string option = " --plugin-dir " + (test_plugins / "good").string() + " --plugin-dir " +
                             (test_plugins / "taken").string();
  const std::vector<std::string> both = {"good_method.so", "taken_name.so", "idle"};
  check_refused(SmallRun::host("run " + small().recipe() + option), 1, both);
  check_refused(SmallRun::host("validate " + small().recipe() + option), 1, both);
  const Said listed = SmallRun::host("plugins list" + option);
  CHECK(listed.exit_code == 0);
  for (const std::string& part : both) CHECK_THAT(listed.err, Contains(part));
}
