// What a plugin registers, for tests that link its sources instead of opening its library.
#pragma once

#include <map>
#include <string>

#include "peft/plugin_info.h"
#include "peft/registry.h"

// Of the one plugin whose plugin.cpp is linked.
extern "C" const peft::PluginInfo* peft_plugin_info() noexcept;

namespace peft::test {

struct PluginComponents : Registry {
  std::map<std::string, MethodDescriptor> methods;
  std::map<std::string, ModelFamilyDescriptor> families;
  std::map<std::string, DatasetDescriptor> datasets;
  std::map<std::string, MetricDescriptor> metrics;
  std::map<std::string, TaskDescriptor> tasks;

  void add(MethodDescriptor method) override { methods[method.name] = std::move(method); }
  void add(ModelFamilyDescriptor family) override { families[family.name] = std::move(family); }
  void add(DatasetDescriptor dataset) override { datasets[dataset.name] = std::move(dataset); }
  void add(MetricDescriptor metric) override { metrics[metric.name] = std::move(metric); }
  void add(TaskDescriptor task) override { tasks[task.name] = std::move(task); }
};

inline PluginComponents components_of(const PluginInfo* plugin) {
  PluginComponents components;
  plugin->register_components(components);
  return components;
}

}  // namespace peft::test
