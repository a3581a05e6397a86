#include "data/split.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/sha256.h"
#include "peft/error.h"

namespace peft::host {
namespace {

struct Group {
  std::string key;  // by which groups are drawn; it names the group, so no two are equal
  size_t examples = 0;
  bool validation = false;
};

using Groups = std::unordered_map<std::string_view, Group>;

Groups count_groups(const std::vector<std::string_view>& groups_of_examples, int64_t seed) {
  Groups groups;
  for (const std::string_view name : groups_of_examples) {
    Group& group = groups[name];
    if (group.examples++ == 0) group.key = sha256(std::to_string(seed).append(":").append(name));
  }
  return groups;
}

void choose_validation(Groups& groups, size_t wanted) {
  std::vector<Group*> drawn;
  for (auto& [name, group] : groups) drawn.push_back(&group);
  std::sort(drawn.begin(), drawn.end(), [](const Group* a, const Group* b) { return a->key < b->key; });

  size_t taken = 0;
  size_t chosen = 0;
  for (Group* group : drawn) {
    if (chosen + 1 == drawn.size()) break;           // training keeps one
    if (taken + group->examples > wanted) continue;  // a large tree is not the whole validation
    group->validation = true;
    taken += group->examples;
    ++chosen;
  }
  if (chosen > 0) return;
  (*std::min_element(drawn.begin(), drawn.end(), [](const Group* a, const Group* b) {
    return a->examples < b->examples;
  }))->validation = true;
}

}  // namespace

Split split_by_group(const std::vector<std::string_view>& groups_of_examples, double share, int64_t seed) {
  Groups groups;
  if (share > 0) {
    groups = count_groups(groups_of_examples, seed);
    if (groups.size() < 2) {
      throw Error("data.validation: found " + std::to_string(groups.size()) + " group of " +
                  std::to_string(groups_of_examples.size()) +
                  " examples, expected at least 2 (a group is never split between training and validation); "
                  "set data.validation to 0 or to files of its own");
    }
    const double wanted = std::ceil(share * static_cast<double>(groups_of_examples.size()));
    choose_validation(groups, static_cast<size_t>(wanted));
  }
  Split split;
  for (size_t i = 0; i < groups_of_examples.size(); ++i) {
    const bool validation = share > 0 && groups.at(groups_of_examples[i]).validation;
    (validation ? split.validation : split.train).push_back(i);
  }
  return split;
}

}  // namespace peft::host
