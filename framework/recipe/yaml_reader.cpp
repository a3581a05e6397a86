#include "recipe/yaml_reader.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

#include "base/utf8.h"
#include "recipe/yaml_tree_builder.h"

namespace peft::host {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

RecipeLocation location_of(std::string_view text, size_t offset, const YamlOrigin& origin) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t line_start = before.rfind('\n') + 1;  // 0 where there is none
  return origin.at(static_cast<int>(line), static_cast<int>(offset - line_start) + 1);
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
}

// yaml-cpp would guess at other encodings and read on.
bool check_bytes(std::string_view text, const YamlOrigin& origin, Diagnostics& diagnostics) {
  if (text.size() > max_yaml_bytes) {
    diagnostics.error(origin.at(1, 1), "found " + std::to_string(text.size()) + " bytes, expected at most " +
                                           std::to_string(max_yaml_bytes) + "; is this a recipe?");
    return false;
  }
  const size_t valid = valid_utf8_prefix(text);
  if (valid < text.size()) {
    diagnostics.error(location_of(text, valid, origin),
                      "found a byte that is not UTF-8; save the file as UTF-8");
    return false;
  }
  const auto control = std::find_if(text.begin(), text.end(), is_control);
  if (control != text.end()) {
    diagnostics.error(
        location_of(text, static_cast<size_t>(control - text.begin()), origin),
        "found a control character, which YAML does not take; remove it, or write it as an escape "
        "in double quotes");
    return false;
  }
  return true;
}

std::string_view line_of(std::string_view text, int line) {
  for (; line > 0; --line) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

bool is_indented_by_tab(std::string_view line) {
  const size_t content = line.find_first_not_of(" \t");
  return line.substr(0, std::min(content, line.size())).find('\t') != std::string_view::npos;
}

// yaml-cpp's message, and what most often lies behind it.
std::string explain(const YAML::Exception& failure, std::string_view text) {
  const std::string_view line = line_of(text, std::max(failure.mark.line, 0));
  const bool about_alias = failure.msg.find("alias") != std::string::npos ||
                           failure.msg.find("referenced anchor") != std::string::npos;
  if (about_alias) {
    return "'*' starts an alias, which recipes do not take; put a text that begins with '*' in quotes";
  }
  if (is_indented_by_tab(line)) return "found a tab in the indentation; YAML is indented by spaces only";
  if (failure.msg.starts_with("a second document") || failure.msg.starts_with("lists and maps")) {
    return failure.msg;
  }
  std::string hint;
  if (failure.msg == YAML::ErrorMsg::MAP_VALUE) {
    hint = "; is the indentation right? a text with ': ' in it needs quotes";
  } else if (failure.msg == YAML::ErrorMsg::UNKNOWN_TOKEN) {
    hint = "; a text that begins with '%', '@' or '`' needs quotes";
  } else if (failure.msg == YAML::ErrorMsg::END_OF_MAP || failure.msg == YAML::ErrorMsg::END_OF_SEQ) {
    hint = "; is the indentation right?";
  } else if (failure.msg == YAML::ErrorMsg::END_OF_MAP_FLOW) {
    hint = "; is a ',' or '}' missing?";
  } else if (failure.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW) {
    hint = "; is a ',' or ']' missing?";
  }
  return "this is not valid YAML: " + failure.msg + hint;
}

}  // namespace

std::optional<Node> read_yaml(std::string_view text, const YamlOrigin& origin, Diagnostics& diagnostics) {
  if (!check_bytes(text, origin, diagnostics)) return std::nullopt;
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::istringstream stream{std::string(text)};
  YamlTreeBuilder builder(text, origin, diagnostics);
  try {
    YAML::Parser parser(stream);
    // A second document throws.
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& failure) {
    diagnostics.error(origin.at(std::max(failure.mark.line, 0) + 1, std::max(failure.mark.column, 0) + 1),
                      explain(failure, text));
    return std::nullopt;
  }
  return builder.take_root();
}

}  // namespace peft::host
