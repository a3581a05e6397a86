#include "data/split.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <string>

#include "base/sha256.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// A group is known by its key alone, by which groups are drawn: the first 64 bits of a SHA-256 of its name.
// Two whose keys are the same would be drawn as one, which does no harm.
struct Group {
  uint64_t key = 0;
  size_t examples = 0;
  bool validation = false;
};

uint64_t key_of(std::string_view group, int64_t seed) {
  const std::string digits = sha256(std::to_string(seed).append(":").append(group));
  uint64_t key = 0;
  std::from_chars(digits.data(), digits.data() + 16, key, 16);
  return key;
}

// In the order in which they are drawn.
std::vector<Group> count_groups(std::vector<uint64_t> keys_of_examples) {
  std::sort(keys_of_examples.begin(), keys_of_examples.end());
  std::vector<Group> groups;
  for (const uint64_t key : keys_of_examples) {
    if (groups.empty() || groups.back().key != key) groups.push_back({.key = key});
    ++groups.back().examples;
  }
  return groups;
}

void choose_validation(std::vector<Group>& groups, size_t wanted) {
  size_t taken = 0;
  size_t chosen = 0;
  for (Group& group : groups) {
    if (chosen + 1 == groups.size()) break;         // training keeps one
    if (taken + group.examples > wanted) continue;  // a large tree is not the whole validation
    group.validation = true;
    taken += group.examples;
    ++chosen;
  }
  if (chosen > 0) return;
  std::min_element(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return a.examples < b.examples;
  })->validation = true;
}

bool in_validation(const std::vector<Group>& groups, uint64_t key) {
  return std::lower_bound(groups.begin(), groups.end(), key,
                          [](const Group& group, uint64_t wanted) { return group.key < wanted; })
      ->validation;
}

}  // namespace

Split split_by_group(const std::vector<std::string_view>& groups_of_examples, double share, int64_t seed) {
  Split split;
  if (share <= 0) {
    split.train.resize(groups_of_examples.size());
    std::iota(split.train.begin(), split.train.end(), size_t{0});
    return split;
  }
  std::vector<uint64_t> keys;
  keys.reserve(groups_of_examples.size());
  for (const std::string_view group : groups_of_examples) keys.push_back(key_of(group, seed));
  std::vector<Group> groups = count_groups(keys);
  if (groups.size() < 2) {
    throw Error("data.validation: found " + std::to_string(groups.size()) + " group of " +
                std::to_string(groups_of_examples.size()) +
                " examples, expected at least 2 (a group is never split between training and validation); "
                "set data.validation to 0 or to files of its own");
  }
  const double wanted = std::ceil(share * static_cast<double>(groups_of_examples.size()));
  choose_validation(groups, static_cast<size_t>(wanted));
  for (size_t i = 0; i < keys.size(); ++i) {
    (in_validation(groups, keys[i]) ? split.validation : split.train).push_back(i);
  }
  return split;
}

size_t leave_out_groups(std::vector<size_t>& train, const std::vector<uint64_t>& groups,
                        std::vector<uint64_t> validation) {
  std::sort(validation.begin(), validation.end());
  return std::erase_if(train, [&](size_t number) {
    return std::binary_search(validation.begin(), validation.end(), groups[number]);
  });
}

}  // namespace peft::host
