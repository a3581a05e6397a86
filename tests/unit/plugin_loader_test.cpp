// Plugins as they are opened, registered and asked for what they make.
#include <catch2/catch.hpp>

#include "base/files.h"
#include "base/json.h"
#include "base/sha256.h"
#include "peft/error.h"
#include "peft/plugin_info.h"
#include "plugin/load_plugin.h"
#include "plugin/plugin_set.h"
#include "plugin/search_path.h"
#include "plugin_fixture.h"
#include "support/temporary_folder.h"

using namespace peft;
using namespace peft::host;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

std::string refusal(const std::string& name) {
  try {
    load_plugin(bad(name));
  } catch (const UsageError&) {
    return "a mistake of the user's";
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

PluginCatalogue good_plugins() {
  return PluginCatalogue({built / "good" / "good_dataset.so", built / "good" / "good_method.so",
                          built / "good" / "good_metric.so"});
}

}  // namespace

TEST_CASE("Only the plugins that are asked for are loaded, and recorded with version and hash") {
  const PluginCatalogue catalogue({built / "good" / "good_dataset.so", built / "good" / "good_method.so"});
  PluginSet plugins(catalogue);
  CHECK(plugins.loaded().empty());

  const DatasetDescriptor& lines = plugins.dataset("lines");
  CHECK(lines.columns == std::vector<std::string>{"line"});
  CHECK(&plugins.dataset("lines") == &lines);
  REQUIRE(plugins.loaded().size() == 1);
  const PluginRecord record = plugins.loaded()[0];
  CHECK(record.name == "good_dataset");
  CHECK(record.version == "2.3.4");
  CHECK(record.headers.size() == 64);
  CHECK(record.sha256 == sha256_of_file(built / "good" / "good_dataset.so"));

  plugins.load_all();
  CHECK(plugins.loaded().size() == 2);
}

TEST_CASE("What a plugin made outlives the set that loaded it") {
  const PluginCatalogue catalogue = good_plugins();
  std::unique_ptr<Metric> metric;
  {
    PluginSet plugins(catalogue);
    metric = plugins.metric("count").create(Value::Map{});
  }
  metric->add({});
  metric->add({});
  CHECK(metric->figures().at(0).value == 2.0);
}

TEST_CASE("A name that no plugin brings is the user's mistake, and the nearest is named") {
  const PluginCatalogue catalogue = good_plugins();
  PluginSet plugins(catalogue);
  CHECK_THROWS_AS(plugins.method("idel"), UsageError);
  CHECK_THROWS_WITH(plugins.method("idel"), Contains("unknown method 'idel'; did you mean 'idle'?"));
}

TEST_CASE("A plugin whose description does not fit is refused, each field in its own words") {
  CHECK_THAT(refusal("no_entry_point"),
             Contains("no_entry_point.so: found no entry point 'peft_plugin_info'"));
  CHECK_THAT(refusal("entry_returns_null"), Contains("the entry point 'peft_plugin_info' returned nothing"));
  CHECK_THAT(refusal("other_magic"), Contains("its magic number is wrong"));
  CHECK_THAT(refusal("other_size"), Contains("found a plugin description of 16 bytes, expected " +
                                             std::to_string(sizeof(PluginInfo))));
  CHECK_THAT(refusal("other_sdk"), Contains("found a plugin for SDK number 99, expected " +
                                            std::to_string(PEFT_SDK_NUMBER) + "; rebuild"));
  CHECK_THAT(refusal("other_torch"),
             Contains(".99, expected ") && Contains("rebuild the plugin with the LibTorch"));
  CHECK_THAT(refusal("other_cxx11_abi"), Contains("_GLIBCXX_USE_CXX11_ABI=7, expected 1"));
  CHECK_THAT(refusal("other_compiler"), Contains("found a compiler of ABI family 99, expected") &&
                                            Contains("rebuild the plugin with a compiler like the host's"));
  CHECK_THAT(refusal("no_name"), Contains("found a plugin without a name"));
}

TEST_CASE("The first stage comes first: a plugin of another SDK is not even opened") {
  CHECK_THAT(refusal("section_other_sdk"), Contains("SDK number 99"));
  CHECK_THAT(refusal("section_none"), Contains("not a peft-host plugin"));
}

TEST_CASE("A symbol that is missing is found when the plugin is opened, and named") {
  CHECK_THAT(refusal("missing_symbol"), Contains("missing_symbol.so: the plugin cannot be opened: ") &&
                                            Contains("function_that_nobody_defines") &&
                                            Contains("peft_add_plugin"));
}

TEST_CASE("A registration that fails leaves nothing, whatever it throws") {
  CHECK_THAT(refusal("registration_throws"),
             Contains("plugin bad_registration 1.0.0 (") &&
                 Contains("registration_throws.so): its registration failed: out of luck"));
  CHECK_THAT(refusal("registration_throws_int"),
             Contains("its registration failed: it threw something that is not a std::exception"));
  CHECK_THAT(refusal("registers_nothing"), Contains("it registers nothing"));
}

TEST_CASE("All faults of what a plugin declares are told at once") {
  const std::string faults = refusal("bad_components");
  for (const char* fault :
       {"method 'options': option 'rank': its default does not fit it: found 0, expected an integer at least "
        "1",
        "method 'options': option 'alpha': expected a line of documentation",
        "method 'options': option 'Big': expected a name of a-z, 0-9 and _",
        "method 'options': option 'twice': it is declared twice",
        "method 'options': option 'learning_rate': this key is the host's own",
        "method 'options': it is registered twice", "method 'Bad-Name': expected a name of a-z",
        "method 'no_factory': it has no factory",
        "dataset 'rows': option 'max_length': this key is the host's own"}) {
    CHECK_THAT(faults, Contains(fault));
  }
  CHECK_THAT(faults, Contains("plugin bad_components 1.0.0 ("));
}

TEST_CASE("Whatever a factory throws names the plugin and the component") {
  const PluginCatalogue catalogue({built / "factories" / "bad_factories.so"});
  PluginSet plugins(catalogue);
  const auto failure = [&](const char* name) { return plugins.method(name).create(Value::Map{}); };
  const std::string plugin = " of plugin bad_factories 1.0.0 (" +
                             (built / "factories" / "bad_factories.so").string() + ") cannot be made: ";
  CHECK_THROWS_WITH(failure("throws_std"), "method 'throws_std'" + plugin + "there is no layer 99");
  CHECK_THROWS_WITH(failure("throws_int"), Contains("method 'throws_int'" + plugin +
                                                    "it threw something that is not a std::exception"));
  CHECK_THROWS_WITH(failure("returns_null"),
                    Contains("method 'returns_null'" + plugin + "its factory returned nothing"));
  CHECK_THROWS_AS(failure("throws_int"), Error);
  // A mistake in the options stays the user's, so that the exit code says so.
  CHECK_THROWS_AS(failure("throws_usage"), UsageError);
  CHECK_THROWS_WITH(failure("throws_usage"),
                    Contains("method 'throws_usage': found rank 9, expected one that divides 8"));
}

TEST_CASE("A manifest that differs from its library is an error that says where") {
  const TemporaryFolder folder;
  const fs::path library = fs::canonical(folder.path()) / "good_method.so";
  fs::copy_file(built / "good" / "good_method.so", library);
  Value manifest = read_json_file((built / "good" / "good_method.json").string());
  Value& component = manifest.as_map()[5].second.as_list()[0];
  for (auto& [key, value] : component.as_map()) {
    if (key == "options") value.as_list()[0].set("default", 16);
  }
  write(manifest_path(library), dump_json(manifest));

  const PluginCatalogue catalogue({library});
  CHECK(catalogue.problems().empty());
  PluginSet plugins(catalogue);
  CHECK_THROWS_WITH(
      plugins.method("idle"),
      Contains("good_method.json: this manifest is not that of") &&
          Contains("(components.0.options.0.default: manifest 16, library 8); build the plugin again"));
  CHECK(plugins.loaded().empty());
}

TEST_CASE("A stripped plugin is loaded like any other") {
  const LoadedPlugin stripped = load_plugin(built / "good" / "stripped.so");
  CHECK(stripped.manifest.plugin == "good_method");
  CHECK(first_difference(stripped.manifest, load_plugin(built / "good" / "good_method.so").manifest).empty());
}
