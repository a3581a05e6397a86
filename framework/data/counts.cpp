#include "data/counts.h"

#include <algorithm>

namespace peft::host {

void Counts::add(std::string_view what, int64_t times) {
  if (times == 0) return;
  const auto entry =
      std::find_if(entries_.begin(), entries_.end(), [what](const Entry& e) { return e.first == what; });
  if (entry == entries_.end()) {
    entries_.emplace_back(what, times);
  } else {
    entry->second += times;
  }
}

void Counts::add(const Counts& other) {
  for (const auto& [what, times] : other.entries_) add(what, times);
}

int64_t Counts::of(std::string_view what) const {
  for (const auto& [name, times] : entries_) {
    if (name == what) return times;
  }
  return 0;
}

std::string to_text(const Counts& counts) {
  std::string text;
  for (const auto& [what, times] : counts.entries()) {
    text += (text.empty() ? "" : "; ") + what + ": " + std::to_string(times);
  }
  return text;
}

}  // namespace peft::host
