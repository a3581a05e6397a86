// Plugins, as text and as JSON.
#pragma once

#include <string>
#include <vector>

#include "peft/value.h"
#include "plugin/plugin_catalogue.h"

namespace peft::host {

// A line a component: kind, name, version, summary, file.
std::string plugin_list_text(const PluginCatalogue& catalogue);
Value plugin_list_value(const PluginCatalogue& catalogue);

// Everything that is known of a component, its options as a table.
std::string component_text(const ComponentInfo& component);
Value component_description_value(const ComponentInfo& component);

}  // namespace peft::host
