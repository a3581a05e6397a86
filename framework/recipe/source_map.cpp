#include "recipe/source_map.h"

namespace peft::host {

SourceMap::SourceMap(const Node& root) {
  record(root, "");
}

RecipeLocation SourceMap::where(std::string_view path) const {
  for (;;) {
    const auto found = places_.find(path);
    if (found != places_.end()) return found->second;
    if (path.empty()) return {};  // of no recipe
    const size_t dot = path.rfind('.');
    path = path.substr(0, dot == std::string_view::npos ? 0 : dot);
  }
}

void SourceMap::record(const Node& node, const std::string& path) {
  places_[path] = node.where;
  const std::string prefix = path.empty() ? "" : path + ".";
  for (size_t i = 0; i < node.items.size(); ++i) record(node.items[i], prefix + std::to_string(i));
  for (const MapEntry& entry : node.entries) record(entry.value, prefix + entry.key);
}

}  // namespace peft::host
