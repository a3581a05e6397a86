// Makes a located tree of yaml-cpp's events.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/yaml_reader.h"

namespace peft::host {

class YamlTreeBuilder : public YAML::EventHandler {
 public:
  // All are kept by reference; `text` is what the events are about.
  YamlTreeBuilder(std::string_view text, const YamlOrigin& origin, Diagnostics& diagnostics);

  // A null where there was no document.
  Node take_root();

  // Both throw `YAML::ParserException` for what makes the text unreadable: depth, a second document.
  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;
  void OnAnchor(const YAML::Mark& mark, const std::string& name) override;

 private:
  // A key whose value is still to come.
  struct PendingKey {
    std::string text;
    RecipeLocation where;
    bool usable = true;
  };
  // A list or map that is still open.
  struct Frame {
    Node node;
    std::optional<PendingKey> key;
    std::map<std::string, RecipeLocation> seen;  // keys, for duplicates
  };

  RecipeLocation location(const YAML::Mark& mark) const;
  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag);
  void close();
  // Puts a finished node where it belongs: the root, an item, a key or the value of a key. `text` is how a
  // scalar was written.
  void add(Node node, const std::string& text);
  PendingKey read_key(const Node& node, const std::string& text, Frame& map);
  void check_closed(const YAML::Mark& mark);
  void check_tag(const YAML::Mark& mark, const std::string& tag);

  std::string_view text_;
  const YamlOrigin& origin_;
  Diagnostics& diagnostics_;
  int documents_ = 0;
  Node root_;
  std::vector<Frame> open_;  // the innermost last
};

}  // namespace peft::host
