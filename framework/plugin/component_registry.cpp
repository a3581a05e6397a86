#include "plugin/component_registry.h"

#include <algorithm>
#include <utility>

#include "peft/error.h"
#include "plugin/component_check.h"
#include "plugin/describe.h"
#include "plugin/guarded_factory.h"

namespace peft::host {

template <class Descriptor>
void ComponentRegistry::add_checked(Descriptor descriptor) {
  ComponentInfo info = describe(descriptor);
  const std::string name = std::string(kind_name(info.kind)) + " '" + info.name + "'";
  std::vector<std::string> faults = component_faults(info);
  if (!descriptor.create) faults.emplace_back("it has no factory; set `create`");
  const bool taken = std::any_of(infos_.begin(), infos_.end(), [&](const ComponentInfo& other) {
    return other.kind == info.kind && other.name == info.name;
  });
  if (taken) faults.emplace_back("it is registered twice");
  for (const std::string& fault : faults) {
    faults_.append(faults_.empty() ? "" : "\n")
        .append(plugin_)
        .append(": ")
        .append(name)
        .append(": ")
        .append(fault);
  }
  if (descriptor.create) descriptor.create = guarded(std::move(descriptor.create), {name, plugin_});
  infos_.push_back(std::move(info));
  std::get<std::vector<Descriptor>>(components_).push_back(std::move(descriptor));
}

void ComponentRegistry::add(MethodDescriptor method) {
  add_checked(std::move(method));
}
void ComponentRegistry::add(ModelFamilyDescriptor family) {
  add_checked(std::move(family));
}
void ComponentRegistry::add(DatasetDescriptor dataset) {
  add_checked(std::move(dataset));
}
void ComponentRegistry::add(MetricDescriptor metric) {
  add_checked(std::move(metric));
}
void ComponentRegistry::add(TaskDescriptor task) {
  add_checked(std::move(task));
}

Components ComponentRegistry::take() {
  if (infos_.empty())
    faults_ = plugin_ + ": it registers nothing; add a component in the function given to PEFT_PLUGIN";
  if (!faults_.empty()) throw Error(faults_);
  return std::move(components_);
}

}  // namespace peft::host
