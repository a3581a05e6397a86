// What a dataset makes of rows, and of the real files where they are at hand.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "data/split.h"
#include "peft/error.h"
#include "support/example_list.h"
#include "support/temporary_folder.h"
#include "unit/data_fixture.h"

namespace peft::test {

// A file or folder of the shared data; nothing, and a warning, where it is not at hand.
inline std::optional<std::filesystem::path> real_data(const std::string& name) {
  const char* shared = std::getenv("PEFT_SHARED_DATA");
  std::filesystem::path path = std::filesystem::path(shared == nullptr ? "" : shared) / "data" / name;
  if (shared != nullptr && std::filesystem::exists(path)) return path;
  WARN("skipped: data/" << name << " is not at hand (PEFT_SHARED_DATA)");
  return {};
}

// What a recipe's data comes to: the examples of the files, with the groups that the host gave them.
inline ExampleList examples_of(const Dataset& dataset, const DatasetDescriptor& descriptor,
                               const std::filesystem::path& file, const host::ColumnMap& columns = {}) {
  return read_examples(dataset, descriptor, {file}, columns);
}

// "text", "source -> target", "text = 1", "u:hello a:hi" or "u:hello | chosen | rejected", of an example.
inline std::string said(const Example& example) {
  const auto turns = [](const Conversation& conversation) {
    return shown(Example{.content = conversation, .group = ""});
  };
  if (const auto* text = std::get_if<Text>(&example.content)) return text->text;
  if (const auto* pair = std::get_if<SourceTarget>(&example.content))
    return pair->source + " -> " + pair->target;
  if (const auto* labelled = std::get_if<LabelledText>(&example.content))
    return labelled->text + " = " + std::to_string(labelled->label);
  if (const auto* both = std::get_if<Preference>(&example.content))
    return turns(both->prompt) + " | " + both->chosen + " | " + both->rejected;
  return shown(example);
}

// All of them.
inline std::vector<std::string> said(const Collected& collected) {
  std::vector<std::string> all;
  for (const Example& example : collected.examples) all.push_back(said(example));
  return all;
}

// As the host splits a recipe's data: two lists of examples.
struct SplitExamples {
  std::vector<Example> train, validation;
};
inline SplitExamples split(const ExampleList& list, double share, int64_t seed = 42) {
  std::vector<std::string_view> groups;
  for (const Example& example : list.examples) groups.push_back(example.group);
  const host::Split numbers = host::split_by_group(groups, share, seed);
  SplitExamples parts;
  for (const size_t number : numbers.train) parts.train.push_back(list.examples.at(number));
  for (const size_t number : numbers.validation) parts.validation.push_back(list.examples.at(number));
  return parts;
}

// How many of `of` are among `in`, by what `key` makes of them.
template <class Key>
size_t common(const std::vector<Example>& of, const std::vector<Example>& in, Key key) {
  std::set<std::string> keys;
  for (const Example& example : in) keys.insert(key(example));
  size_t found = 0;
  for (const Example& example : of) found += keys.count(key(example));
  return found;
}

using Lines = std::vector<std::string>;

}  // namespace peft::test
