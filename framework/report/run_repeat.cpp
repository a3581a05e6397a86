#include <filesystem>
#include <string>
#include <vector>

#include "base/figures.h"
#include "base/shell.h"
#include "engine/engine.h"
#include "report/page.h"
#include "report/run_facts.h"
#include "report/run_sections.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

// "rank 2, alpha 8.0": all that has a value.
std::string options_text(const NamedOptions& method) {
  std::string text;
  for (const auto& [key, value] : method.options.as_map()) {
    const bool is_usual = key == "name" || (key == "trainable" && value == Value(true));
    if (value.is_null() || is_usual) continue;
    text += (text.empty() ? "" : " · ") + key + " " + in_one_line(value);
  }
  return text;
}

Html plugins_table(const RunRecord& record) {
  const Value* plugins = record.checkpoint ? record.checkpoint->metadata.find("plugins") : nullptr;
  if (plugins == nullptr || !plugins->is_list()) return {};
  const auto text = [](const Value& plugin, const char* key) {
    const Value* found = plugin.find(key);
    return found != nullptr ? in_one_line(*found) : std::string("-");
  };
  std::vector<std::vector<Html>> rows;
  for (const Value& plugin : plugins->as_list()) {
    rows.push_back({text(plugin, "name"), text(plugin, "version"), element("code", text(plugin, "sha256"))});
  }
  return folded("The plugins it was made with", table({"plugin", "version", "SHA-256"}, rows));
}

Html identities(const RunRecord& record) {
  if (!record.checkpoint) return {};
  std::vector<Fact> told = {{"Checkpoint", "checkpoints/" + record.checkpoint->file}};
  const auto tell = [&](const char* name, const char* key) {
    const Value* found = record.checkpoint->metadata.find(key);
    if (found != nullptr) told.push_back({name, element("code", in_one_line(*found))});
  };
  tell("Base weights", "base");
  tell("Training examples", "data");
  return facts(told);
}

}  // namespace

Html run_methods(const RunRecord& record) {
  std::vector<std::vector<Html>> rows;
  for (const NamedOptions& method : methods_of(record)) {
    std::string elements = "-";
    if (record.checkpoint) {
      const auto found = record.checkpoint->elements.find(method.called);
      if (found != record.checkpoint->elements.end()) elements = with_separators(found->second);
    }
    const std::string name =
        method.called == method.name ? method.name : method.called + " (" + method.name + ")";
    rows.push_back({name, elements, options_text(method)});
  }
  return rows.empty() ? Html() : table({"method", "parameters", "options"}, rows);
}

Html run_repeat(const RunRecord& record) {
  const fs::path folder = fs::absolute(record.folder).lexically_normal();
  const std::string recipe = shell_quoted((folder / recipe_file_name).string());
  const std::string again = shell_quoted(folder.string() + "-again");
  return element("pre", "peft-host run " + recipe + " output=" + again) +
         element("p", {{"class", "quiet"}},
                 "The recipe is resolved: every default is spelled out. On the same build, plugins and CPU "
                 "features it repeats the run bit for bit.") +
         folded("The resolved recipe", element("pre", record.recipe_text)) + plugins_table(record) +
         folded("What it began with", identities(record));
}

}  // namespace peft::host
