// metrics.jsonl: a line an optimiser step, and a line an evaluation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "engine/engine.h"

namespace peft::host {

// The largest resident set of the process so far.
int64_t peak_memory_bytes();

class MetricsLog {
 public:
  // Begins with `text` (of a checkpoint; empty: a new run), which replaces what the file held.
  MetricsLog(std::filesystem::path file, std::string text);

  // Each line is in the file when this returns.
  void add(const StepLine& line);
  void add(int64_t step, const std::map<std::string, double>& figures);

  // Whether the newest line is an evaluation's.
  bool ends_in_evaluation() const;

  // All lines so far.
  const std::string& text() const { return text_; }

 private:
  void append(const std::string& line);

  std::filesystem::path file_;
  std::string text_;
};

}  // namespace peft::host
