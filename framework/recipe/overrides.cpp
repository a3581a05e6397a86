#include "recipe/overrides.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/utf8.h"
#include "recipe/yaml_reader.h"

namespace peft::host {
namespace {

constexpr size_t longest_shown = 60;

// "command line: 'train.epochs=2'".
std::string place_name(std::string_view override_text) {
  std::string shown(override_text);
  if (shown.size() > longest_shown) {
    shown.resize(longest_shown);
    shown.resize(complete_utf8_prefix(shown));
    shown += "…";
  }
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  replace_invalid_utf8(shown);
  return "command line: '" + shown + "'";
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  for (;;) {
    const size_t dot = path.find('.');
    parts.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    path.remove_prefix(dot + 1);
  }
}

std::optional<size_t> index(const std::string& part) {
  size_t value = 0;
  const auto [end, failure] = std::from_chars(part.data(), part.data() + part.size(), value);
  const bool whole = failure == std::errc() && end == part.data() + part.size();
  return whole ? std::optional(value) : std::nullopt;
}

class Override {
 public:
  Override(std::string_view text, Diagnostics& diagnostics)
      : text_(text), origin_{place_name(text), false}, diagnostics_(diagnostics) {}

  void apply(Node& root) {
    const size_t equals = text_.find('=');
    const std::vector<std::string> path = split(text_.substr(0, equals));
    const bool has_empty_part = std::find(path.begin(), path.end(), "") != path.end();
    if (equals == std::string_view::npos || has_empty_part) {
      return fail("expected key=value, such as train.epochs=2 or methods.0.lora.rank=16");
    }
    if (path.front() == "extends") return fail("'extends' can be set in a file only");
    std::optional<Node> value = read_value(text_.substr(equals + 1));
    if (!value) return;
    Node* place = descend(root, path);
    if (place != nullptr) *place = *std::move(value);
  }

 private:
  void fail(const std::string& message) { diagnostics_.error(origin_.at(0, 0), message); }

  std::optional<Node> read_value(std::string_view text) { return read_yaml(text, origin_, diagnostics_); }

  // The node at `path`, made where it is not there; null after an error.
  Node* descend(Node& root, const std::vector<std::string>& path) {
    Node* node = &root;
    std::string so_far;
    for (const std::string& part : path) {
      node = step(*node, so_far, part);
      if (node == nullptr) return nullptr;
      so_far += (so_far.empty() ? "" : ".") + part;
    }
    return node;
  }

  Node* step(Node& node, const std::string& path, const std::string& part) {
    if (node.kind == Node::Kind::invalid) return nullptr;  // reported
    if (node.is_null()) {
      node = empty_map(origin_.at(0, 0));
      if (index(part)) node.kind = Node::Kind::list;
    } else if (node.is_text() && node.scalar.as_text() == part) {
      // `- lora` is short for `- lora: {}`.
      const RecipeLocation where = node.where;
      node = empty_map(where);
      node.entries.push_back({part, where, scalar_node({}, where)});
    }
    if (node.is_list()) return item(node, path, part);
    if (node.is_map()) return value_of(node, part);
    fail("'" + path + "' is " + describe(node) + ", which has nothing called '" + part + "' in it");
    return nullptr;
  }

  Node* value_of(Node& map, const std::string& key) {
    Node* found = map.find(key);
    if (found != nullptr) return found;
    map.entries.push_back({key, origin_.at(0, 0), scalar_node({}, origin_.at(0, 0))});
    return &map.entries.back().value;
  }

  Node* item(Node& list, const std::string& path, const std::string& part) {
    const size_t count = list.items.size();
    const std::optional<size_t> at = index(part);
    if (!at) {
      fail("'" + path + "' is a list; expected the index of an item" + index_hint(list, path, part));
      return nullptr;
    }
    if (*at > count) {
      fail("'" + path + "' has " + std::to_string(count) + (count == 1 ? " item" : " items") +
           "; expected an index up to " + std::to_string(count) + ", which appends");
      return nullptr;
    }
    if (*at == count) list.items.push_back(scalar_node({}, origin_.at(0, 0)));
    return &list.items[*at];
  }

  // "; did you mean 'methods.0.lora'?" for methods.lora.
  static std::string index_hint(const Node& list, const std::string& path, const std::string& part) {
    const auto found = std::find_if(list.items.begin(), list.items.end(), [&](const Node& item) {
      return (item.is_text() && item.scalar.as_text() == part) || item.find(part) != nullptr;
    });
    if (found != list.items.end()) {
      const auto at = std::to_string(found - list.items.begin());
      return "; did you mean '" + path + "." + at + "." + part + "'?";
    }
    return ", as in '" + path + ".0'";
  }

  std::string_view text_;
  YamlOrigin origin_;
  Diagnostics& diagnostics_;
};

}  // namespace

void apply_overrides(Node& root, const std::vector<std::string>& overrides, Diagnostics& diagnostics) {
  for (const std::string& text : overrides) Override(text, diagnostics).apply(root);
}

}  // namespace peft::host
