#include <set>
#include <utility>

#include "recipe/component_reader.h"
#include "recipe/read_sections.h"

namespace peft::host {
namespace {

std::vector<ComponentChoice> read_metrics(const Section& section, ReadContext& context) {
  const Node* list = section.map.find("metrics");
  if (list == nullptr) return {};
  if (!list->is_list()) {
    report_value(*list, "evaluate.metrics", "found " + describe(*list) + ", expected a list of metrics",
                 context);
    return {};
  }
  std::vector<ComponentChoice> metrics;
  std::set<std::string> taken;
  for (size_t i = 0; i < list->items.size(); ++i) {
    const Node& item = list->items[i];
    ComponentChoice metric =
        read_choice(item, ComponentKind::metric, "evaluate.metrics." + std::to_string(i), context);
    if (metric.name.empty()) continue;  // reported
    if (!taken.insert(metric.name).second) {
      report_value(item, "evaluate.metrics", "found '" + metric.name + "' twice; remove one of them",
                   context);
    }
    metrics.push_back(std::move(metric));
  }
  return metrics;
}

RecipeGeneration read_generation(const Section& evaluate, ReadContext& context) {
  const Section section = child_section(evaluate, "generation", context);
  const peft::Options<RecipeGeneration> options = generation_options();
  const peft::Value values = read_options(section, options.table(), {}, context);
  RecipeGeneration generation = options.read(values);
  const auto has_no_effect = [&](const char* key) {
    const Node& node = *section.map.find(key);
    context.diagnostics.warning(node.where, "'" + section.label_of(key) +
                                                "' has no effect: with temperature 0 the likeliest token is "
                                                "taken always; set a temperature above 0 to sample");
  };
  if (generation.temperature == 0.0) {
    if (generation.top_k != 0) has_no_effect("top_k");
    if (generation.top_p != 1.0) has_no_effect("top_p");
  } else if (generation.beams > 1) {
    context.diagnostics.error(section.map.find("beams")->where,
                              "'" + section.label_of("beams") + "' is " + std::to_string(generation.beams) +
                                  " and the temperature is above 0: beams are searched, not sampled; set "
                                  "'temperature: 0' or 'beams: 1'");
  }
  return generation;
}

}  // namespace

RecipeEvaluate read_evaluate(const Section& recipe, ReadContext& context) {
  const Section section = child_section(recipe, "evaluate", context);
  const peft::Options<RecipeEvaluate> options = evaluate_options();
  RecipeEvaluate evaluate =
      options.read(read_options(section, options.table(), key_section("evaluate").structured, context));
  evaluate.metrics = read_metrics(section, context);
  evaluate.generation = read_generation(section, context);
  return evaluate;
}

}  // namespace peft::host
