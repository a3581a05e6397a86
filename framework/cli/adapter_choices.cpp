#include "cli/adapter_choices.h"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/figures.h"
#include "cli/recipe_argument.h"
#include "peft/error.h"
#include "peft/names.h"

namespace peft::host {
namespace {

std::optional<double> number(std::string_view text) {
  double value = 0.0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

// "0.5", "-1", "0.25".
std::string weight_text(double weight) {
  char digits[32];
  const auto [end, problem] = std::to_chars(digits, digits + sizeof digits, weight);
  return {digits, end};
}

AdapterChoice parse_one(const std::string& text) {
  std::error_code ignored;
  const size_t equals = text.rfind('=');
  if (equals == std::string::npos || std::filesystem::exists(text, ignored)) return {.source = text};
  const std::optional<double> weight = number(std::string_view(text).substr(equals + 1));
  if (!weight) {
    throw UsageError("adapter '" + text + "': found '" + text.substr(equals + 1) +
                     "' behind '=', expected the weight it acts by, such as 0.5");
  }
  if (equals == 0) throw UsageError("adapter '" + text + "': found no name in front of '='");
  return {.source = text.substr(0, equals), .weight = *weight};
}

}  // namespace

std::vector<AdapterChoice> parse_adapters(std::string_view text) {
  std::vector<AdapterChoice> adapters;
  for (;;) {
    const size_t comma = text.find(',');
    const std::string one(text.substr(0, comma));
    if (one.empty()) {
      throw UsageError("found an empty name among the adapters, expected names such as A,B=0.5");
    }
    adapters.push_back(parse_one(one));
    if (comma == std::string_view::npos) return adapters;
    text.remove_prefix(comma + 1);
  }
}

std::string run_or_first_adapter(const std::vector<std::string>& words,
                                 const std::vector<AdapterChoice>& adapters) {
  return words.empty() && !adapters.empty() ? adapters.front().source : only_argument(words, "RUN");
}

std::string adapters_text(const std::vector<AdapterChoice>& adapters) {
  std::string text;
  for (const AdapterChoice& adapter : adapters) {
    text += (text.empty() ? "" : ", ") + adapter.source;
    if (adapter.weight != 1.0) text += " by " + weight_text(adapter.weight);
  }
  return text.empty() ? "none" : text;
}

std::string adapters_table(const std::vector<LoadedAdapter>& adapters) {
  if (adapters.empty()) return "no adapter is loaded\n";
  std::string text;
  for (const LoadedAdapter& adapter : adapters) {
    text += (adapter.weight == 0.0 ? "off  " : "by " + weight_text(adapter.weight) + "  ") + adapter.name +
            " (" + join(adapter.methods) + "; " + with_separators(adapter.parameters) + " parameters" +
            (adapter.virtual_tokens > 0 ? ", " + with_separators(adapter.virtual_tokens) + " virtual tokens"
                                        : "") +
            ")\n";
  }
  return text;
}

}  // namespace peft::host
