#include "tokenizer/split_behavior.h"

#include <algorithm>

namespace peft::host {
namespace {

// Joins a stretch to the one before it where `joins(before, stretch)`.
template <typename Joins>
void join(std::vector<Match>& matches, Joins joins) {
  std::vector<Match> parts;
  bool before = false;  // whether the last stretch matched
  for (const Match& stretch : matches) {
    if (!parts.empty() && joins(before, stretch.matches)) {
      parts.back().end = stretch.end;
    } else {
      parts.push_back(stretch);
    }
    before = stretch.matches;
  }
  matches.swap(parts);
}

}  // namespace

SplitBehavior read_behavior(const Component& description, SplitBehavior absent) {
  if (description.find("behavior") == nullptr) return absent;
  const std::string name = description.text("behavior", "");
  if (name == "Removed") return SplitBehavior::removed;
  if (name == "Isolated") return SplitBehavior::isolated;
  if (name == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
  if (name == "MergedWithNext") return SplitBehavior::merged_with_next;
  if (name == "Contiguous") return SplitBehavior::contiguous;
  description.refuse("behavior", "'" + name + "'",
                     "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
}

void apply_behavior(SplitBehavior behavior, std::vector<Match>& matches) {
  switch (behavior) {
    case SplitBehavior::removed:
      std::erase_if(matches, [](const Match& stretch) { return stretch.matches; });
      return;
    case SplitBehavior::isolated: return;
    case SplitBehavior::merged_with_previous:
      join(matches, [](bool before, bool matches_now) { return matches_now && !before; });
      return;
    case SplitBehavior::merged_with_next:
      join(matches, [](bool before, bool matches_now) { return before && !matches_now; });
      return;
    case SplitBehavior::contiguous:
      join(matches, [](bool before, bool matches_now) { return before == matches_now; });
      return;
  }
}

}  // namespace peft::host
