#include "plugin/describe.h"

namespace peft::host {
namespace {

template <class Descriptor>
ComponentInfo describe_as(ComponentKind kind, const Descriptor& descriptor) {
  ComponentInfo component;
  component.kind = kind;
  component.name = descriptor.name;
  component.summary = descriptor.summary;
  component.options = descriptor.options;
  return component;
}

}  // namespace

ComponentInfo describe(const MethodDescriptor& method) {
  ComponentInfo component = describe_as(ComponentKind::method, method);
  component.paper = method.paper;
  return component;
}

ComponentInfo describe(const ModelFamilyDescriptor& family) {
  return describe_as(ComponentKind::model, family);
}

ComponentInfo describe(const DatasetDescriptor& dataset) {
  ComponentInfo component = describe_as(ComponentKind::dataset, dataset);
  component.columns = dataset.columns;
  component.optional_columns = dataset.optional_columns;
  return component;
}

ComponentInfo describe(const MetricDescriptor& metric) {
  return describe_as(ComponentKind::metric, metric);
}

ComponentInfo describe(const TaskDescriptor& task) {
  return describe_as(ComponentKind::task, task);
}

}  // namespace peft::host
