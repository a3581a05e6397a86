#include "cli/checkpoint_view.h"

#include <utility>
#include <vector>

#include "base/byte_size.h"
#include "base/figures.h"
#include "base/json.h"
#include "cli/shown_text.h"
#include "cli/text_table.h"
#include "peft/element_type.h"

namespace peft::host {
namespace {

// "24x1024".
std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t extent : shape) text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text.empty() ? "scalar" : text;
}

bool is_of_a_method(const TensorSummary& tensor) {
  return !tensor.set.empty();
}

std::string methods_text(const CheckpointSummary& summary) {
  TextTable table({{"tensor"},
                   {"trained"},
                   {"type"},
                   {"shape", Align::right},
                   {"elements", Align::right},
                   {"non-zero", Align::right},
                   {"norm", Align::right}});
  for (const TensorSummary& tensor : summary.tensors) {
    if (!is_of_a_method(tensor)) continue;
    table.add({without_controls(tensor.path), tensor.trained ? "yes" : "no", std::string(name(tensor.type)),
               shape_text(tensor.shape), with_separators(static_cast<int64_t>(tensor.elements)),
               with_separators(static_cast<int64_t>(tensor.non_zero)), figure(tensor.norm)});
  }
  return table.text();
}

// What stands beside the methods' tensors, by its first group.
std::string others_text(const CheckpointSummary& summary) {
  std::vector<std::pair<std::string, std::pair<int64_t, uint64_t>>> groups;  // name; tensors and bytes
  for (const TensorSummary& tensor : summary.tensors) {
    if (is_of_a_method(tensor)) continue;
    const std::string group = tensor.path.substr(0, tensor.path.find('/'));
    if (groups.empty() || groups.back().first != group) groups.push_back({group, {0, 0}});
    groups.back().second.first += 1;
    groups.back().second.second += tensor.bytes;
  }
  std::string text;
  for (const auto& [group, content] : groups) {
    text += "beside them: " + without_controls(group) + ", " + with_separators(content.first) + " tensors, " +
            byte_size(static_cast<int64_t>(content.second)) + "\n";
  }
  return text;
}

// Short values as they are; long ones by their size.
std::string metadata_text(const Value& value) {
  constexpr size_t widest = 60;
  if (value.is_text() && display_width(value.as_text()) > widest) {
    return "a text of " + with_separators(static_cast<int64_t>(value.as_text().size())) + " bytes";
  }
  std::string text = value.is_text() ? one_line(value.as_text(), widest) : dump_json(value);
  if (display_width(text) <= widest) return text;
  const size_t entries = value.is_map() ? value.as_map().size() : value.as_list().size();
  return (value.is_map() ? "a map of " : "a list of ") + with_separators(static_cast<int64_t>(entries)) +
         (value.is_map() ? " keys" : " items");
}

}  // namespace

std::string checkpoint_text(const CheckpointSummary& summary) {
  std::vector<std::pair<std::string, std::string>> facts = {
      {"file", summary.path.string()},
      {"size", byte_size(static_cast<int64_t>(summary.bytes)) + " (" +
                   with_separators(static_cast<int64_t>(summary.bytes)) + " bytes)"},
      {"sha256", summary.sha256},
      {"verified", summary.verified ? "yes: every tensor and value has the hash it was written with" : "NO"},
  };
  if (!summary.verified) return aligned_pairs(facts);
  facts.emplace_back("format", "version " + std::to_string(summary.format_version));
  facts.emplace_back("step", with_separators(summary.step));
  facts.emplace_back("trained",
                     with_separators(static_cast<int64_t>(summary.trained_elements)) + " elements");
  std::string text = aligned_pairs(facts) + "\n" + methods_text(summary) + others_text(summary);
  for (const std::string& path : summary.non_finite)
    text += "NaN or infinity in " + without_controls(path) + "\n";
  if (!summary.metadata.is_map() || summary.metadata.as_map().empty()) return text;
  std::vector<std::pair<std::string, std::string>> metadata;
  for (const auto& [key, value] : summary.metadata.as_map()) {
    metadata.emplace_back(without_controls(key), metadata_text(value));
  }
  return text + "\nmetadata\n" + aligned_pairs(metadata, 2);
}

Value checkpoint_value(const CheckpointSummary& summary) {
  Value::Map value{
      {"file", summary.path.string()},
      {"bytes", static_cast<int64_t>(summary.bytes)},
      {"sha256", summary.sha256},
      {"verified", summary.verified},
      {"problem", summary.verified ? Value() : Value(summary.problem)},
  };
  if (!summary.verified) return value;
  Value::List tensors;
  for (const TensorSummary& tensor : summary.tensors) {
    tensors.emplace_back(Value::Map{
        {"path", tensor.path},
        {"set", is_of_a_method(tensor) ? Value(tensor.set) : Value()},
        {"method", is_of_a_method(tensor) ? Value(tensor.method) : Value()},
        {"type", name(tensor.type)},
        {"shape", Value::List(tensor.shape.begin(), tensor.shape.end())},
        {"elements", static_cast<int64_t>(tensor.elements)},
        {"bytes", static_cast<int64_t>(tensor.bytes)},
        {"trained", tensor.trained},
        {"norm", tensor.norm},
        {"non_zero", static_cast<int64_t>(tensor.non_zero)},
        {"non_finite", static_cast<int64_t>(tensor.non_finite)},
    });
  }
  value.emplace_back("format_version", summary.format_version);
  value.emplace_back("step", summary.step);
  value.emplace_back("trained_elements", static_cast<int64_t>(summary.trained_elements));
  value.emplace_back("tensors", std::move(tensors));
  value.emplace_back("metadata", summary.metadata);
  return value;
}

}  // namespace peft::host
