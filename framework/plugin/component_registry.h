// What one plugin registers, checked and kept aside until all of it is known to be good.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "peft/registry.h"
#include "recipe/catalogue.h"

namespace peft::host {

// Descriptors by their type, each in order of registration.
using Components =
    std::tuple<std::vector<MethodDescriptor>, std::vector<ModelFamilyDescriptor>,
               std::vector<DatasetDescriptor>, std::vector<MetricDescriptor>, std::vector<TaskDescriptor>>;

class ComponentRegistry : public Registry {
 public:
  // `plugin` names the plugin and its file in errors: "plugin lora 1.0.0 (/…/lora.so)".
  explicit ComponentRegistry(std::string plugin) : plugin_(std::move(plugin)) {}

  // Faults are collected, not thrown: the plugin's author sees all of them at once.
  void add(MethodDescriptor method) override;
  void add(ModelFamilyDescriptor family) override;
  void add(DatasetDescriptor dataset) override;
  void add(MetricDescriptor metric) override;
  void add(TaskDescriptor task) override;

  // All of them described, in order of registration.
  const std::vector<ComponentInfo>& infos() const { return infos_; }

  // What was registered; the factories are guarded (see guarded_factory.h). Throws `peft::Error` with every
  // fault. Once.
  Components take();

 private:
  template <class Descriptor>
  void add_checked(Descriptor descriptor);

  std::string plugin_;
  std::vector<ComponentInfo> infos_;
  Components components_;
  std::string faults_;
};

}  // namespace peft::host
