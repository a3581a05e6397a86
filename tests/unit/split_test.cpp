#include "data/split.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <set>

#include "peft/error.h"
#include "peft/example.h"

using namespace peft::host;
using peft::Example;

namespace {

Example of_group(std::string group) {
  return {.content = peft::Text{"text"}, .group = std::move(group)};
}

std::vector<Example> random_examples(std::mt19937& random) {
  std::vector<Example> examples;
  const unsigned groups = 2 + random() % 40;
  for (unsigned i = 0; i < groups; ++i) examples.push_back(of_group("tree " + std::to_string(i)));
  for (unsigned i = random() % 200; i > 0; --i) {
    examples.push_back(of_group("tree " + std::to_string(random() % groups)));
  }
  return examples;
}

// `split_by_group` of the examples' groups.
Split split(const std::vector<Example>& examples, double share, int64_t seed) {
  std::vector<std::string_view> groups;
  for (const Example& example : examples) groups.push_back(example.group);
  return split_by_group(groups, share, seed);
}

std::set<std::string> groups_of(const std::vector<Example>& examples, const std::vector<size_t>& numbers) {
  std::set<std::string> groups;
  for (const size_t number : numbers) groups.insert(examples.at(number).group);
  return groups;
}

}  // namespace

TEST_CASE("No group is ever in both parts, and every example is in one of them") {
  std::mt19937 random(11);
  for (int trial = 0; trial < 300; ++trial) {
    const std::vector<Example> examples = random_examples(random);
    const double share = (1 + random() % 99) / 100.0;
    const Split parts = split(examples, share, trial);

    std::vector<std::string> common;
    const auto train = groups_of(examples, parts.train);
    const auto validation = groups_of(examples, parts.validation);
    std::set_intersection(train.begin(), train.end(), validation.begin(), validation.end(),
                          std::back_inserter(common));
    CHECK(common.empty());
    CHECK(!train.empty());
    CHECK(!validation.empty());
    CHECK(parts.train.size() + parts.validation.size() == examples.size());
    CHECK(std::is_sorted(parts.train.begin(), parts.train.end()));
    CHECK(std::is_sorted(parts.validation.begin(), parts.validation.end()));
    if (validation.size() > 1) CHECK(parts.validation.size() <= std::ceil(share * examples.size()));
  }
}

TEST_CASE("Where every example is a group of its own, validation has its share exactly") {
  std::vector<Example> examples;
  for (int i = 0; i < 188; ++i) examples.push_back(of_group(std::to_string(i)));
  CHECK(split(examples, 0.05, 42).validation.size() == 10);  // ceil(9.4)
  CHECK(split(examples, 0.5, 42).validation.size() == 94);
}

TEST_CASE("A split depends on its seed and the groups' names, not on the order of the examples") {
  std::mt19937 random(3);
  std::vector<Example> examples = random_examples(random);
  const auto first = groups_of(examples, split(examples, 0.3, 1).validation);
  CHECK(groups_of(examples, split(examples, 0.3, 1).validation) == first);
  CHECK(groups_of(examples, split(examples, 0.3, 2).validation) != first);
  std::shuffle(examples.begin(), examples.end(), random);
  CHECK(groups_of(examples, split(examples, 0.3, 1).validation) == first);
}

TEST_CASE("One large tree does not become the whole validation") {
  std::vector<Example> examples(90, of_group("large"));
  for (int i = 0; i < 10; ++i) examples.push_back(of_group(std::to_string(i)));
  for (int64_t seed = 0; seed < 20; ++seed) {
    const Split parts = split(examples, 0.05, seed);
    CHECK(parts.validation.size() == 5);
    CHECK(parts.validation.front() >= 90);
  }
}

TEST_CASE("A share too small for any group still gives the smallest") {
  const std::vector<Example> examples = {of_group("a"), of_group("a"), of_group("a"), of_group("b"),
                                         of_group("b")};
  CHECK(split(examples, 0.01, 42).validation == std::vector<size_t>{3, 4});
}

TEST_CASE("A share of zero is no validation; one group cannot be split") {
  const std::vector<Example> examples(5, of_group("only"));
  CHECK(split(examples, 0.0, 42).validation.empty());
  CHECK(split(examples, 0.0, 42).train.size() == 5);
  CHECK_THROWS_WITH(split(examples, 0.05, 42), Catch::Contains("data.validation: found 1 group"));
}
