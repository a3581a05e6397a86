#include <algorithm>

#include "base/suggest.h"
#include "recipe/component_reader.h"
#include "recipe/read_sections.h"

namespace peft::host {
namespace {

// {log: [low, high]} or {linear: [low, high]}.
bool is_interval(const Node& node) {
  if (node.entries.size() != 1) return false;
  const MapEntry& entry = node.entries.front();
  const std::vector<Node>& ends = entry.value.items;
  if ((entry.key != "log" && entry.key != "linear") || ends.size() != 2) return false;
  const auto is_number = [](const Node& end) {
    return end.kind == Node::Kind::scalar && end.scalar.is_numeric();
  };
  if (!is_number(ends[0]) || !is_number(ends[1])) return false;
  const double low = ends[0].scalar.as_number();
  return low < ends[1].scalar.as_number() && (entry.key == "linear" || low > 0);
}

void check_space(const Section& sweep, ReadContext& context) {
  if (sweep.map.find("space") == nullptr) {
    return report_missing(sweep, "space", "what to vary, such as {train.learning_rate: [1e-4, 1e-3]}",
                          context);
  }
  std::vector<std::string> known = key_section("").names();
  known.erase(std::remove_if(known.begin(), known.end(),
                             [](const std::string& key) { return key == "extends" || key == "sweep"; }),
              known.end());
  for (const MapEntry& entry : child_section(sweep, "space", context).map.entries) {
    const std::string first = entry.key.substr(0, entry.key.find('.'));
    if (std::find(known.begin(), known.end(), first) == known.end()) {
      context.diagnostics.error(entry.key_where, "unknown key '" + entry.key + "' in 'sweep.space'" +
                                                     did_you_mean(first, known) +
                                                     "; expected a path such as train.learning_rate");
    }
    const bool is_list = entry.value.is_list() && !entry.value.items.empty();
    if (is_list || is_interval(entry.value)) continue;
    report_value(
        entry.value, "sweep.space." + entry.key,
        "found " + describe(entry.value) +
            ", expected a list of values, {log: [low, high]} or {linear: [low, high]} with low below "
            "high (and above 0 for log)",
        context);
  }
}

void check_objective(const Section& sweep, ReadContext& context) {
  if (sweep.map.find("objective") == nullptr) {
    return report_missing(sweep, "objective", "what to compare, {metric: NAME, goal: minimize}", context);
  }
  peft::OptionSpec metric;
  metric.name = "metric";
  metric.required = true;
  metric.doc = "the name of a figure, as it stands in evaluation.json";
  peft::OptionSpec goal;
  goal.name = "goal";
  goal.required = true;
  goal.choices = {"minimize", "maximize"};
  goal.doc = "minimize or maximize";
  read_options(child_section(sweep, "objective", context), {metric, goal}, {}, context);
}

}  // namespace

peft::Value read_sweep(const Section& recipe, ReadContext& context) {
  const Node* node = recipe.map.find("sweep");
  if (node == nullptr || node->is_null()) return {};
  const Section section = child_section(recipe, "sweep", context);
  if (!node->is_map()) return {};
  read_options(section, sweep_options().table(), key_section("sweep").structured, context);
  check_space(section, context);
  check_objective(section, context);
  return node->value();
}

}  // namespace peft::host
