// The plugins a recipe may name, as their manifests describe them: nothing here needs a plugin to be loaded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "peft/options.h"

namespace peft::host {

enum class ComponentKind { method, model, dataset, metric, task };

// "method", "model family", "dataset", "metric", "task", as they appear in messages.
std::string_view kind_name(ComponentKind kind);

// What is known of a component before its plugin is opened.
struct ComponentInfo {
  ComponentKind kind = ComponentKind::method;
  std::string name;
  std::string summary;
  std::string paper;          // of a method
  peft::OptionTable options;  // of a model family: those of the recipe's `model.config` map
  // Of a dataset: the columns its rows must or may have, which the recipe's `columns` may rename.
  std::vector<std::string> columns;
  std::vector<std::string> optional_columns;
  std::string plugin;   // the plugin that brings it,
  std::string version;  // that plugin's version
  std::string file;     // and its library
};

class Catalogue {
 public:
  Catalogue() = default;
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;
  virtual ~Catalogue() = default;

  // Null where there is none of that name. Lives as long as the catalogue.
  virtual const ComponentInfo* find(ComponentKind kind, std::string_view name) const = 0;
  // Sorted.
  virtual std::vector<std::string> names(ComponentKind kind) const = 0;
};

}  // namespace peft::host
