#include "plugin/component_check.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "recipe/host_keys.h"

namespace peft::host {
namespace {

// The host's own keys in the recipe's maps where a component's options stand flat beside them.
std::vector<std::string> reserved_keys(ComponentKind kind) {
  std::vector<std::string> keys;
  if (kind == ComponentKind::method) {
    const Options<RecipeMethod> reserved = reserved_method_options();
    for (const OptionSpec& option : reserved.table()) keys.push_back(option.name);
  }
  if (kind == ComponentKind::dataset) keys = key_section("data").names();
  return keys;
}

// Names stand in recipes, in overrides (`methods.0.lora.rank=16`) and in checkpoints: no dots, no quoting.
bool well_formed(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_numeric(OptionType type) {
  return type == OptionType::integer || type == OptionType::number;
}

class OptionCheck {
 public:
  OptionCheck(const OptionSpec& option, std::vector<std::string>& faults)
      : option_(option), faults_(faults) {}

  void run(const std::vector<std::string>& reserved) {
    if (!well_formed(option_.name)) fault("expected a name of a-z, 0-9 and _");
    if (std::find(reserved.begin(), reserved.end(), option_.name) != reserved.end()) {
      fault("this key is the host's own in the same map of a recipe; choose another name");
    }
    if (option_.doc.empty()) fault("expected a line of documentation, found none");
    check_limits();
    std::string problem;
    if (!option_.default_value.is_null() && !option_.convert(option_.default_value, problem)) {
      fault("its default does not fit it: " + problem);
    }
    if (option_.required && !option_.default_value.is_null())
      fault("it is required and has a default; choose one");
  }

 private:
  void check_limits() {
    const Range& range = option_.range;
    if (!is_numeric(option_.type) && (range.minimum || range.maximum)) fault("a range limits only numbers");
    if (range.minimum && range.maximum && *range.minimum > *range.maximum) {
      fault("its range is empty: " + range.describe());
    }
    const bool takes_choices = option_.type == OptionType::text || option_.type == OptionType::text_list;
    if (!option_.choices.empty() && !takes_choices) fault("choices limit only texts");
  }

  void fault(const std::string& what) { faults_.push_back("option '" + option_.name + "': " + what); }

  const OptionSpec& option_;
  std::vector<std::string>& faults_;
};

}  // namespace

std::vector<std::string> component_faults(const ComponentInfo& component) {
  std::vector<std::string> faults;
  if (!well_formed(component.name)) faults.emplace_back("expected a name of a-z, 0-9 and _");
  if (component.summary.empty()) faults.emplace_back("expected a line of summary, found none");
  const std::vector<std::string> reserved = reserved_keys(component.kind);
  std::set<std::string_view> names;
  for (const OptionSpec& option : component.options) {
    OptionCheck(option, faults).run(reserved);
    if (!names.insert(option.name).second)
      faults.push_back("option '" + option.name + "': it is declared twice");
  }
  return faults;
}

}  // namespace peft::host
