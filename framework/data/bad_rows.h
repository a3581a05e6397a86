// What becomes of rows that cannot be read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/shortened.h"
#include "data/counts.h"

namespace peft::host {

enum class BadRows {
  error,  // the first of them ends the reading
  skip,   // they are left out and counted
};

// "error" or "skip", which the recipe has checked.
inline BadRows parse_bad_rows(std::string_view text) {
  return text == "skip" ? BadRows::skip : BadRows::error;
}

// Those that were left out.
class SkippedRows {
 public:
  // `problem` is the error that a row would have been.
  void add(const std::string& problem) {
    if (count_++ == 0) first_ = shortened(problem);
  }
  // "WHAT (the first: FILE:LINE: error: …)", as often as it happened.
  void count_in(Counts& counts, const std::string& what) const {
    counts.add(what + " (the first: " + first_ + ")", count_);
  }

 private:
  int64_t count_ = 0;
  std::string first_;
};

}  // namespace peft::host
