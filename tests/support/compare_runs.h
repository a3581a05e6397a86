// Two runs' folders, bit by bit.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "checkpoint/load.h"
#include "support/small_run.h"

namespace peft::test {

// metrics.jsonl without what depends on the clock and on the machine's memory.
inline std::vector<std::string> repeatable_metrics(const std::filesystem::path& run) {
  static const std::set<std::string> of_the_moment = {"seconds", "tokens_per_second", "peak_memory_bytes"};
  std::istringstream text(content_of_file(run / "metrics.jsonl"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    Value::Map kept;
    const Value value = host::parse_json(line);
    for (const Value::Entry& entry : value.as_map()) {
      if (of_the_moment.count(entry.first) == 0) kept.push_back(entry);
    }
    lines.push_back(host::dump_json(kept));
  }
  return lines;
}

// What two runs that should be the same differ in, in words: trained tensors and the optimiser's state by
// their bits, every line of the metrics, the evaluation and the samples.
inline std::vector<std::string> differences(const std::filesystem::path& left,
                                            const std::filesystem::path& right) {
  std::vector<std::string> found;
  const host::Checkpoint a = host::read_latest(left / "checkpoints").checkpoint;
  const host::Checkpoint b = host::read_latest(right / "checkpoints").checkpoint;
  if (a.step != b.step) found.push_back("steps " + std::to_string(a.step) + " and " + std::to_string(b.step));
  if (a.tensors.size() != b.tensors.size()) found.push_back("the number of tensors");
  for (const host::TensorView& tensor : a.tensors) {
    const host::TensorView* other = b.find(tensor.name);
    if (other == nullptr || other->shape != tensor.shape || !std::ranges::equal(other->bytes, tensor.bytes)) {
      found.push_back(tensor.name);
    }
  }
  const std::vector<std::string> a_lines = repeatable_metrics(left);
  const std::vector<std::string> b_lines = repeatable_metrics(right);
  for (size_t i = 0; i < std::max(a_lines.size(), b_lines.size()); ++i) {
    const std::string a_line = i < a_lines.size() ? a_lines[i] : "no line";
    const std::string b_line = i < b_lines.size() ? b_lines[i] : "no line";
    if (a_line != b_line) found.push_back("metrics: " + a_line + " / " + b_line);
  }
  for (const char* name : {"evaluation.json", "samples.jsonl"}) {
    if (content_of_file(left / name) != content_of_file(right / name)) found.emplace_back(name);
  }
  return found;
}

}  // namespace peft::test
