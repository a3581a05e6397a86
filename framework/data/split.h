// Training and validation examples, split so that no group is in both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace peft::host {

// Numbers of examples, rising.
struct Split {
  std::vector<size_t> train;
  std::vector<size_t> validation;
};

// Validation gets whole groups, as many examples as come nearest to `share` (0 … 1, 1 excluded) from below,
// but at least one group; so does training. Groups are drawn in an order that depends on the seed and on
// their names alone: adding examples at the end of the data leaves most of the drawing as it was. A share of
// 0 means no validation. Throws `peft::Error` for another share where there is a single group.
Split split_by_group(const std::vector<std::string_view>& groups_of_examples, double share, int64_t seed);

// For validation data of its own: takes the examples out of `train` (numbers into `groups`) whose group is
// one of `validation`, and returns how many these were. Groups go by their numbers across sources (see
// example_group.h).
size_t leave_out_groups(std::vector<size_t>& train, const std::vector<uint64_t>& groups,
                        std::vector<uint64_t> validation);

}  // namespace peft::host
