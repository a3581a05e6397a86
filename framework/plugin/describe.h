// What the catalogue knows of a component, taken from the descriptor a plugin registers.
#pragma once

#include "peft/registry.h"
#include "recipe/catalogue.h"

namespace peft::host {

// The plugin's file and version are left empty.
ComponentInfo describe(const MethodDescriptor& method);
ComponentInfo describe(const ModelFamilyDescriptor& family);
ComponentInfo describe(const DatasetDescriptor& dataset);
ComponentInfo describe(const MetricDescriptor& metric);
ComponentInfo describe(const TaskDescriptor& task);

}  // namespace peft::host
