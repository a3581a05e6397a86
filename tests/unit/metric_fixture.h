// The metric of the one plugin that a test links, and what it is fed with.
#pragma once

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "peft/metric.h"
#include "support/plugin_components.h"

namespace peft::test {

inline std::unique_ptr<Metric> metric_of(const std::string& name, const Value& options = Value::Map()) {
  const MetricDescriptor descriptor = components_of(peft_plugin_info()).metrics.at(name);
  return descriptor.create(resolve_known_options(descriptor.options, options, name));
}

inline Measured generated(std::string prediction, std::string reference) {
  Measured measured;
  measured.prediction = std::move(prediction);
  measured.reference = std::move(reference);
  return measured;
}

inline double figure(const Metric& metric, std::string_view name) {
  for (const Figure& each : metric.figures()) {
    if (each.name == name) return each.value;
  }
  throw std::out_of_range("no figure " + std::string(name));
}

}  // namespace peft::test
