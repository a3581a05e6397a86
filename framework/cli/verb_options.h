// The command line of one verb, an option a line. Boost.Program_options stays behind it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/verbs.h"
#include "peft/options.h"

namespace peft::host {

class VerbOptions {
 public:
  // Every verb takes --help, and --plugin-dir for `plugin_folders`.
  explicit VerbOptions(const Invocation& invocation);

  // Targets are set by `parse` and must live until then; what is not given leaves its target alone.
  void flag(std::string_view name, bool& target, std::string_view doc);
  void text(std::string_view name, std::string_view placeholder, std::optional<std::string>& target,
            std::string_view doc);
  void texts(std::string_view name, std::string_view placeholder, std::vector<std::string>& target,
             std::string_view doc);
  // An option that a recipe has too: its name (with `-` for `_`), its documentation, its type and range.
  // Given, its value is set in the map `target` under the recipe's name for it.
  void value(const OptionSpec& spec, Value& target);

  // A paragraph under the options in --help.
  void remark(std::string_view text) { remark_ = text; }

  // The words that belong to no option, in order; nothing where --help was asked for, which has then been
  // shown. Throws `peft::UsageError`.
  std::optional<std::vector<std::string>> parse();

  std::vector<std::string> plugin_folders;

 private:
  struct Option {
    std::string name;
    std::string placeholder;  // empty: a flag
    std::string doc;
    std::function<void(const std::vector<std::string>&)> assign;
    bool repeatable = false;
  };

  void show_help() const;

  const Invocation& invocation_;
  std::vector<Option> options_;
  std::string remark_;
};

}  // namespace peft::host
