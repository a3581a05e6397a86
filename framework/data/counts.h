// What a summary tells besides its figures: how often something happened that must not happen in silence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace peft::host {

class Counts {
 public:
  using Entry = std::pair<std::string, int64_t>;

  // Nothing is kept of zero times.
  void add(std::string_view what, int64_t times = 1);
  void add(const Counts& other);

  int64_t of(std::string_view what) const;  // 0 where it never happened
  bool empty() const { return entries_.empty(); }
  // In the order in which each happened first.
  const std::vector<Entry>& entries() const { return entries_; }

  bool operator==(const Counts&) const = default;

 private:
  std::vector<Entry> entries_;  // a dozen at most
};

// "deleted messages: 40; turns dropped from the front: 12".
std::string to_text(const Counts& counts);

}  // namespace peft::host
