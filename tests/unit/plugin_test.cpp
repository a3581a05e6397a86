// Plugins as they are found and described by their manifests, before any of their code is run.
#include <catch2/catch.hpp>

#include "base/files.h"
#include "base/json.h"
#include "peft/error.h"
#include "plugin/component_check.h"
#include "plugin/plugin_catalogue.h"
#include "plugin/search_path.h"
#include "plugin_fixture.h"
#include "support/temporary_folder.h"

using namespace peft;
using namespace peft::host;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

ComponentInfo method_with(OptionSpec option) {
  ComponentInfo method;
  method.name = "method";
  method.summary = "for the test";
  if (option.doc.empty()) option.doc = "documented";
  method.options = {std::move(option)};
  return method;
}

// A copy of a good plugin, with a manifest of the test's own.
fs::path copy_with_manifest(const fs::path& folder, const std::string& name, const std::string& manifest) {
  const fs::path library = folder / (name + ".so");
  fs::copy_file(built / "good" / (name + ".so"), library);
  write(manifest_path(library), manifest);
  return library;
}

}  // namespace

TEST_CASE("The catalogue knows components by their manifests, down to the options") {
  const PluginCatalogue catalogue(find_plugins({built / "good"}));
  // The stripped copy has no manifest of its own.
  REQUIRE(catalogue.problems().size() == 1);
  CHECK_THAT(catalogue.problems()[0],
             Contains("stripped.so: expected its manifest stripped.json beside it, found none") &&
                 Contains("peft_add_plugin") && Contains("peft-plugin-manifest"));
  CHECK_THROWS_WITH(catalogue.throw_if_problems(), Contains("stripped.json"));

  CHECK(catalogue.names(ComponentKind::method) == std::vector<std::string>{"idle"});
  const ComponentInfo* idle = catalogue.find(ComponentKind::method, "idle");
  REQUIRE(idle != nullptr);
  CHECK(idle->summary == "changes nothing");
  CHECK(idle->plugin == "good_method");
  CHECK(idle->version == "1.2.3");
  CHECK(idle->file == (built / "good" / "good_method.so").string());
  REQUIRE(idle->options.size() == 5);
  CHECK(idle->options[0].default_value == Value(8));
  CHECK(idle->options[0].range.minimum == 1.0);
  CHECK_FALSE(idle->options[0].range.maximum);
  CHECK(idle->options[1].default_value == Value(1.0));
  CHECK(idle->options[1].range.describe() == "at least 0 and at most 2");
  CHECK(idle->options[2].type == OptionType::text_list);
  CHECK(idle->options[2].default_value == Value(Value::List{"attn.qkv"}));
  CHECK(idle->options[3].choices == std::vector<std::string>{"zero", "one"});
  CHECK(idle->options[4].default_value.is_null());

  const ComponentInfo* lines = catalogue.find(ComponentKind::dataset, "lines");
  REQUIRE(lines != nullptr);
  CHECK(lines->columns == std::vector<std::string>{"line"});
  CHECK(lines->optional_columns == std::vector<std::string>{"language"});
  CHECK(catalogue.find(ComponentKind::metric, "count") != nullptr);
  CHECK(catalogue.find(ComponentKind::method, "count") == nullptr);
}

TEST_CASE("A name that two plugins bring is an error that names both files") {
  const PluginCatalogue catalogue({built / "good" / "good_method.so", built / "taken" / "taken_name.so"});
  REQUIRE(catalogue.problems().size() == 1);
  CHECK_THAT(catalogue.problems()[0],
             Contains("taken_name.so: its method 'idle' has a name that is taken by the one of") &&
                 Contains("good_method.so"));
  CHECK(catalogue.find(ComponentKind::method, "idle")->plugin == "good_method");
}

TEST_CASE("A damaged manifest is a problem of its plugin alone") {
  const TemporaryFolder folder;
  const std::string good = read_file(built / "good" / "good_metric.json");
  const auto problem = [&](const std::string& manifest) {
    fs::remove_all(folder.path() / "plugins");
    fs::create_directory(folder.path() / "plugins");
    copy_with_manifest(folder.path() / "plugins", "good_metric", manifest);
    const PluginCatalogue catalogue(
        {folder.path() / "plugins" / "good_metric.so", built / "good" / "good_dataset.so"});
    CHECK(catalogue.find(ComponentKind::dataset, "lines") != nullptr);
    return catalogue.problems().empty() ? std::string() : catalogue.problems()[0];
  };
  CHECK(problem(good).empty());
  CHECK_THAT(problem(good.substr(0, good.size() / 2)), Contains("good_metric.json:"));
  CHECK_THAT(problem("{}"), Contains("found manifest format nothing, expected 1"));
  CHECK_THAT(problem("[1]"), Contains("found manifest format nothing, expected 1"));
  CHECK_THAT(problem(R"({"manifest": 2})"), Contains("found manifest format 2, expected 1"));
  CHECK_THAT(problem(R"({"manifest": 1})"), Contains("this is not a plugin's manifest"));

  Value other_abi = parse_json(good);
  other_abi.set("abi", "99-2.13-1");
  CHECK_THAT(problem(dump_json(other_abi)),
             Contains("found the manifest of a library with ABI 99-2.13-1, expected"));
  Value other_name = parse_json(good);
  other_name.as_map()[5].second.as_list()[0].set("name", "Not A Name");
  CHECK_THAT(problem(dump_json(other_name)),
             Contains("metric 'Not A Name': expected a name of a-z, 0-9 and _"));
}

TEST_CASE("Options that could not stand in a recipe are faults") {
  OptionSpec option;
  option.name = "rank";
  option.type = OptionType::integer;
  option.default_value = 8;
  option.range = at_least(1);
  CHECK(component_faults(method_with(option)).empty());

  option.default_value = 0;
  CHECK(component_faults(method_with(option)) ==
        std::vector<std::string>{
            "option 'rank': its default does not fit it: found 0, expected an integer at least 1"});
  option.default_value = 2.5;
  CHECK(component_faults(method_with(option)).size() == 1);
  option.default_value = {};

  option.range = between(2, 1);
  CHECK_THAT(component_faults(method_with(option)).at(0), Contains("its range is empty"));
  option.range = {};
  option.choices = {"one"};
  CHECK_THAT(component_faults(method_with(option)).at(0), Contains("choices limit only texts"));
  option.choices = {};
  for (const char* name : {"", "Rank", "a.b", "ra nk"}) {
    option.name = name;
    CHECK_THAT(component_faults(method_with(option)).at(0), Contains("expected a name of a-z, 0-9 and _"));
  }
  for (const char* name : {"name", "learning_rate", "weight_decay", "trainable", "init_from"}) {
    option.name = name;
    CHECK_THAT(component_faults(method_with(option)).at(0), Contains("this key is the host's own"));
  }
  ComponentInfo dataset = method_with(option);
  dataset.kind = ComponentKind::dataset;
  CHECK(component_faults(dataset).empty());  // init_from is a word like any other there
  for (const char* name : {"dataset", "source", "columns", "template", "train_on", "max_length",
                           "max_target_length", "shuffle", "validation"}) {
    dataset.options[0].name = name;
    CHECK_THAT(component_faults(dataset).at(0), Contains("this key is the host's own"));
  }
}

TEST_CASE("Plugins are looked for in the folders given, the environment's, and the program's own") {
  const TemporaryFolder folder;
  const fs::path root = fs::canonical(folder.path());
  for (const char* name : {"given", "first", "second", "bin/plugins", "lib/peft/plugins"}) {
    fs::create_directories(root / name);
  }
  const std::string environment = (root / "first").string() + "::" + (root / "second").string() + ":";
  CHECK(plugin_folders({.folders = {root / "given", root / "bin/../given"},
                        .environment = environment.c_str(),
                        .program = root / "bin" / "peft-host"}) ==
        std::vector<fs::path>{root / "given", root / "first", root / "second", root / "bin/plugins",
                              root / "lib/peft/plugins"});
  CHECK_THROWS_WITH(plugin_folders({.folders = {root / "absent"}}),
                    Contains("--plugin-dir: found '" + (root / "absent").string() + "'"));
  CHECK_THROWS_WITH(plugin_folders({.environment = "plugins"}),
                    Contains("PEFT_PLUGIN_PATH: found the relative folder 'plugins', expected absolute"));
  CHECK_THROWS_AS(plugin_folders({.environment = "/no/such/folder"}), UsageError);
}

TEST_CASE("The working directory is no plugin folder") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "plugins");
  fs::copy_file(built / "good" / "good_metric.so", folder.path() / "plugins" / "good_metric.so");
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  const std::vector<fs::path> folders =
      plugin_folders({.environment = ":", .program = "/nowhere/bin/peft-host"});
  fs::current_path(before);
  CHECK(folders.empty());
}

TEST_CASE("A library that several ways lead to is found once") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "links");
  fs::create_directory(folder.path() / "folder.so");
  write(folder.path() / "b.so", "");
  write(folder.path() / "a.so", "");
  write(folder.path() / "notes.txt", "");
  fs::create_symlink(folder.path() / "a.so", folder.path() / "links" / "again.so");
  const fs::path root = fs::canonical(folder.path());
  CHECK(find_plugins({root, root / "links"}) == std::vector<fs::path>{root / "a.so", root / "b.so"});
}
