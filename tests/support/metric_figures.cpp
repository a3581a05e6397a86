// metric_figures METRIC: reads an evaluation a line, {"options": {…}, "measured": [{"prediction": …,
// "reference": …, "label": …, "predicted_label": …, "negative_log_likelihood": …, "tokens": …}, …]}, what the
// metric does not look at left out, and writes its figures a line, {name: value}. Plugins are those of
// PEFT_PLUGIN_PATH. For parity with Python.
#include <cmath>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "base/json.h"
#include "peft/error.h"
#include "plugin/plugin_set.h"
#include "plugin/search_path.h"

namespace {

using namespace peft;
using namespace peft::host;

Measured measured_of(const Value& line) {
  Measured measured;
  if (const Value* text = line.find("prediction")) measured.prediction = text->as_text();
  if (const Value* text = line.find("reference")) measured.reference = text->as_text();
  if (const Value* label = line.find("label")) measured.label = label->as_integer();
  if (const Value* label = line.find("predicted_label")) measured.predicted_label = label->as_integer();
  if (const Value* sum = line.find("negative_log_likelihood"))
    measured.negative_log_likelihood = sum->as_number();
  if (const Value* tokens = line.find("tokens")) measured.tokens = tokens->as_integer();
  return measured;
}

Value figures_of(const MetricDescriptor& descriptor, const Value& evaluation) {
  const std::unique_ptr<Metric> metric =
      descriptor.create(resolve_known_options(descriptor.options, evaluation.at("options"), descriptor.name));
  for (const Value& line : evaluation.at("measured").as_list()) metric->add(measured_of(line));
  Value figures = Value::Map{};
  for (const Figure& figure : metric->figures()) {
    figures.set(figure.name, std::isnan(figure.value) ? Value("n/a") : Value(figure.value));
  }
  return figures;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: metric_figures METRIC < LINES\n";
    return 2;
  }
  try {
    const PluginCatalogue catalogue(
        find_plugins(plugin_folders({.environment = std::getenv("PEFT_PLUGIN_PATH")})));
    PluginSet plugins(catalogue);
    const MetricDescriptor& descriptor = plugins.metric(argv[1]);
    for (std::string line; std::getline(std::cin, line);) {
      std::cout << dump_json(figures_of(descriptor, parse_json(line))) << '\n';
    }
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
