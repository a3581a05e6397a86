#include "recipe/yaml_tree_builder.h"

#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <utility>

#include "recipe/yaml_scalar.h"

namespace peft::host {
namespace {

// Of a quoted scalar, from its opening quote on.
bool is_closed(std::string_view quoted) {
  const char quote = quoted.front();
  for (size_t i = 1; i < quoted.size(); ++i) {
    if (quote == '"' && quoted[i] == '\\') {
      ++i;
    } else if (quoted[i] == quote) {
      if (quote == '"' || quoted.substr(i + 1, 1) != "'") return true;
      ++i;  // '' is a quote within
    }
  }
  return false;
}

}  // namespace

YamlTreeBuilder::YamlTreeBuilder(std::string_view text, const YamlOrigin& origin, Diagnostics& diagnostics)
    : text_(text), origin_(origin), diagnostics_(diagnostics), root_(scalar_node({}, origin.at(1, 1))) {}

Node YamlTreeBuilder::take_root() {
  return std::move(root_);
}

RecipeLocation YamlTreeBuilder::location(const YAML::Mark& mark) const {
  return origin_.at(mark.line + 1, mark.column + 1);
}

void YamlTreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (++documents_ > 1) {
    throw YAML::ParserException(mark, "a second document starts here; a recipe is one document in one file");
  }
  root_ = scalar_node({}, location(mark));
}

void YamlTreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t) {
  add(scalar_node({}, location(mark)), "");
}

void YamlTreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t) {
  diagnostics_.error(
      location(mark),
      "found an alias, which recipes do not take; write the value out, or put a text that begins "
      "with '*' in quotes");
  Node node = scalar_node({}, location(mark));
  node.kind = Node::Kind::invalid;
  add(std::move(node), "");
}

void YamlTreeBuilder::OnAnchor(const YAML::Mark& mark, const std::string& name) {
  diagnostics_.error(location(mark), "found the anchor '&" + name +
                                         "', which recipes do not take; use 'extends' to share what recipes "
                                         "have in common, or put a text that begins with '&' in quotes");
}

void YamlTreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                               const std::string& text) {
  check_tag(mark, tag);
  check_closed(mark);
  Node node = scalar_node(text, location(mark));
  const bool is_value = open_.empty() || !open_.back().node.is_map() || open_.back().key;
  if (tag == "?" && is_value) {  // plain; a key is a text whatever it looks like
    std::string problem;
    std::optional<peft::Value> value = resolve_plain_scalar(text, problem);
    if (value) {
      node.scalar = *std::move(value);
    } else {
      diagnostics_.error(node.where, problem);
      node.kind = Node::Kind::invalid;
    }
  }
  add(std::move(node), text);
}

void YamlTreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                                      YAML::EmitterStyle::value) {
  open(Node::Kind::list, mark, tag);
}

void YamlTreeBuilder::OnSequenceEnd() {
  close();
}

void YamlTreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                                 YAML::EmitterStyle::value) {
  open(Node::Kind::map, mark, tag);
}

void YamlTreeBuilder::OnMapEnd() {
  close();
}

void YamlTreeBuilder::open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag) {
  if (open_.size() >= max_yaml_depth) {
    throw YAML::ParserException(
        mark, "lists and maps are nested deeper than " + std::to_string(max_yaml_depth) + " levels");
  }
  check_tag(mark, tag);
  Frame frame;
  frame.node.kind = kind;
  frame.node.where = location(mark);
  open_.push_back(std::move(frame));
}

void YamlTreeBuilder::close() {
  Node node = std::move(open_.back().node);
  open_.pop_back();
  add(std::move(node), "");
}

void YamlTreeBuilder::add(Node node, const std::string& text) {
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& parent = open_.back();
  if (parent.node.is_list()) {
    parent.node.items.push_back(std::move(node));
    return;
  }
  if (!parent.key) {
    parent.key = read_key(node, text, parent);
    return;
  }
  PendingKey key = *std::exchange(parent.key, std::nullopt);
  if (!key.usable) return;
  // yaml-cpp places an absent value wherever the next token happens to be.
  if (node.is_null()) node.where = key.where;
  parent.node.entries.push_back({std::move(key.text), std::move(key.where), std::move(node)});
}

YamlTreeBuilder::PendingKey YamlTreeBuilder::read_key(const Node& node, const std::string& text, Frame& map) {
  PendingKey key{text, node.where};
  std::string problem;
  const auto [first, is_new] = map.seen.emplace(text, node.where);
  if (node.kind == Node::Kind::invalid) {
    key.usable = false;  // an alias, reported
    return key;
  }
  if (node.is_null() || (node.is_text() && text.empty())) {
    problem = "found a value without a key; write the key before the ':'";
  } else if (node.kind != Node::Kind::scalar) {
    problem = "found " + describe(node) + " as a key, expected a text; put a text that begins with '" +
              (node.is_list() ? "[" : "{") + "' in quotes";
  } else if (text == "<<") {
    problem = "found the merge key '<<', which recipes do not take; use 'extends' to build on another recipe";
  } else if (!is_new) {
    problem = "the key '" + text + "' is written twice in one map" +
              (origin_.has_lines ? ", first in line " + std::to_string(first->second.line) : "") +
              "; remove one of them";
  }
  if (problem.empty()) return key;
  diagnostics_.error(node.where, problem);
  key.usable = false;
  return key;
}

// yaml-cpp takes the end of a file that ends in a newline for the end of a quoted text.
void YamlTreeBuilder::check_closed(const YAML::Mark& mark) {
  const std::string_view rest = text_.substr(std::min(static_cast<size_t>(mark.pos), text_.size()));
  const bool is_quoted = rest.starts_with('"') || rest.starts_with('\'');
  if (is_quoted && !is_closed(rest)) {
    diagnostics_.error(location(mark), "this quote is never closed; write one where the text ends");
  }
}

void YamlTreeBuilder::check_tag(const YAML::Mark& mark, const std::string& tag) {
  if (tag.empty() || tag == "?" || tag == "!") return;  // none; of a plain scalar; of a quoted one
  diagnostics_.error(location(mark), "found the tag '" + tag +
                                         "', which recipes do not take; leave it out, and put in quotes what "
                                         "is to be a text");
}

}  // namespace peft::host
