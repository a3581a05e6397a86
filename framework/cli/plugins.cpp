// peft-host plugins list | describe NAME
#include <algorithm>
#include <iostream>

#include "base/suggest.h"
#include "cli/plugin_views.h"
#include "cli/recipe_argument.h"
#include "cli/results.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"
#include "peft/error.h"

namespace peft::host {
namespace {

ExitCode list(const PluginCatalogue& catalogue, bool json) {
  if (json) print_json(plugin_list_value(catalogue));
  if (!json) std::cout << plugin_list_text(catalogue) << std::flush;
  for (const std::string& problem : catalogue.problems()) {
    std::cerr << "peft-host: warning: left out: " << problem << "\n";
  }
  return ExitCode::done;
}

// A name may stand for several kinds of component.
std::vector<ComponentInfo> components_called(const std::string& name, const PluginCatalogue& catalogue) {
  std::vector<ComponentInfo> found;
  std::vector<std::string> names;
  for (const PluginFile& plugin : catalogue.plugins()) {
    for (const ComponentInfo& component : plugin.manifest.components) {
      names.push_back(component.name);
      if (component.name == name) found.push_back(component);
    }
  }
  if (found.empty()) {
    throw UsageError("no plugin brings '" + name + "'" + did_you_mean(name, names) +
                     "; 'peft-host plugins list' shows what there is");
  }
  return found;
}

ExitCode describe(const std::string& name, const PluginCatalogue& catalogue, bool json) {
  const std::vector<ComponentInfo> found = components_called(name, catalogue);
  Value::List values;
  for (const ComponentInfo& component : found) {
    if (json) values.push_back(component_description_value(component));
    if (!json) std::cout << (&component == found.data() ? "" : "\n") << component_text(component);
  }
  if (json) print_json(values);
  return ExitCode::done;
}

}  // namespace

ExitCode plugins(const Invocation& invocation) {
  VerbOptions options(invocation);
  bool json = false;
  options.flag("json", json, "the table as JSON");
  const auto words = options.parse();
  if (!words) return ExitCode::done;

  const std::string what = words->empty() ? "" : words->front();
  const std::vector<std::string> rest(words->begin() + (words->empty() ? 0 : 1), words->end());
  if (what == "list" && rest.empty()) return list(find_catalogue(options.plugin_folders), json);
  if (what == "describe") {
    return describe(only_argument(rest, "NAME"), find_catalogue(options.plugin_folders), json);
  }
  if (what == "list") throw UsageError("found '" + rest.front() + "' after list, expected nothing");
  throw UsageError("plugins: found " + (what.empty() ? "nothing" : "'" + what + "'") +
                   ", expected list or describe NAME" + did_you_mean(what, {"list", "describe"}));
}

}  // namespace peft::host
