// What encoding gives, kept in a file and taken out again.
#include "data/token_store.h"

#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <utility>

#include "data/byte_stream.h"
#include "data/example_bytes.h"
#include "data/example_group.h"
#include "data/token_file.h"
#include "encoded_fixture.h"
#include "peft/error.h"
#include "support/temporary_folder.h"

using namespace peft;
using namespace peft::host;
using namespace peft::test;

namespace {

using Number = std::mt19937;

std::string random_text(Number& random) {
  std::string text(random() % 20, ' ');
  for (char& byte : text) byte = static_cast<char>(random() % 256);
  return text;
}

Conversation random_conversation(Number& random) {
  Conversation conversation;
  for (unsigned i = random() % 4; i > 0; --i) {
    conversation.turns.push_back({random_text(random), random_text(random)});
  }
  return conversation;
}

Example random_example(Number& random) {
  Example example{.content = Text{random_text(random)}, .group = random_text(random)};
  switch (random() % 6) {
    case 0: break;
    case 1: example.content = random_conversation(random); break;
    case 2: example.content = LabelledText{random_text(random), static_cast<int64_t>(random()) - 5}; break;
    case 3: example.content = SourceTarget{random_text(random), random_text(random)}; break;
    case 4:
      example.content = Preference{random_conversation(random), random_text(random), random_text(random)};
      break;
    case 5: example.content = ScoredAnswer{random_conversation(random), random_text(random), 0.1}; break;
  }
  return example;
}

std::string bytes_of(const Example& example) {
  ByteWriter bytes;
  write_content(example.content, bytes);
  return bytes.take() + example.group;
}

EncodedSequence random_sequence(Number& random) {
  EncodedSequence sequence;
  for (unsigned i = random() % 6; i > 0; --i) sequence.ids.push_back(random() % (1u << 31));
  if (random() % 4 == 0) return sequence;
  for (const int64_t id : sequence.ids) sequence.labels.push_back(random() % 2 == 0 ? id : no_target);
  return sequence;
}

std::optional<EncodedExample> random_encoded(Number& random, int64_t index) {
  if (random() % 5 == 0) return {};
  EncodedExample example;
  for (unsigned i = random() % 3; i > 0; --i) example.inputs.push_back(random_sequence(random));
  for (unsigned i = random() % 3; i > 0; --i) example.decoder_inputs.push_back(random_sequence(random));
  example.target = random() / 7.0;
  example.index = index;
  return example;
}

// A store of these bytes in a file of their own.
std::shared_ptr<const TokenStore> opened(const TemporaryFolder& folder, const std::string& bytes) {
  const auto file = std::make_shared<const MappedFile>(folder.write("store", bytes));
  return std::make_shared<const TokenStore>(
      std::string_view(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size()), file);
}

}  // namespace

TEST_CASE("What was put into a store comes out of it and of a copy of its bytes, part by part, exactly") {
  const TemporaryFolder folder;
  Number random(5);
  for (int trial = 0; trial < 100; ++trial) {
    TokenFile file;
    TokenColumns columns;
    std::vector<Example> examples;
    std::vector<std::optional<EncodedExample>> encoded;
    std::vector<Counts> counts;
    for (unsigned parts = random() % 6; parts > 0; --parts) {
      TokenColumns part;
      for (unsigned i = random() % 5; i > 0; --i) {
        examples.push_back(random_example(random));
        encoded.push_back(random_encoded(random, static_cast<int64_t>(encoded.size())));
        Counts& said = counts.emplace_back();
        for (unsigned what = random() % 3; what > 0; --what) said.add("what " + std::to_string(random() % 4));
        part.add(examples.back(), encoded.back(), said);
      }
      columns.append(part);
      if (random() % 2 == 0) file.add(std::exchange(columns, {}));  // a block of some parts
    }
    std::vector<Example> unencoded;
    for (unsigned i = random() % 3; i > 0; --i)
      columns.add_group(unencoded.emplace_back(random_example(random)));
    file.add(columns);
    SourceSummary summary{.rows = 17, .examples = 0, .counts = {}};
    summary.counts.add("deleted messages", 3);
    const auto made = file.finish(summary);
    for (const auto& pointer : {made, opened(folder, std::string(made->bytes()))}) {
      const TokenStore& store = *pointer;
      CHECK(store.summary().rows == 17);
      CHECK(store.summary().examples == static_cast<int64_t>(examples.size() + unencoded.size()));
      CHECK(store.summary().counts == summary.counts);
      std::vector<uint64_t> groups;
      for (const Example& example : examples) groups.push_back(group_across_sources(example));
      for (const Example& example : unencoded) groups.push_back(group_across_sources(example));
      CHECK(store.groups_across_sources() == groups);
      REQUIRE(store.size() == examples.size());
      for (size_t i = 0; i < examples.size(); ++i) {
        CHECK(bytes_of(store.example(i)) == bytes_of(examples[i]));
        CHECK(store.groups()[i] == examples[i].group);
        CHECK(store.has_target(i) == encoded[i].has_value());
        if (encoded[i]) {
          CHECK(same(store.encoded(i), *encoded[i]));
          const std::vector<EncodedExample> alone = {*encoded[i]};
          const ExampleShape shape = EncodedVector(alone).shape(0);
          CHECK(store.shape(i).tokens == shape.tokens);
          CHECK(store.shape(i).sequences == shape.sequences);
          CHECK(store.shape(i).longest == shape.longest);
        }
        Counts said;
        store.add_counts(i, said);
        CHECK(said == counts[i]);
      }
    }
  }
}

TEST_CASE("An example's bytes hold all of it: whatever is changed changes them") {
  const Example example{.content = Preference{{{{"user", "a"}}}, "b", "c"}, .group = "g"};
  const auto& before = std::get<Preference>(example.content);
  CHECK(bytes_of({Preference{{{{"user", "a"}}}, "b", "d"}, "g"}) != bytes_of(example));
  CHECK(bytes_of({Preference{{{{"user", "a"}}}, "bc", ""}, "g"}) != bytes_of(example));
  CHECK(bytes_of({ScoredAnswer{before.prompt, "b", 1.0}, "g"}) !=
        bytes_of({ScoredAnswer{before.prompt, "b", 2.0}, "g"}));
  CHECK(bytes_of({before, "h"}) != bytes_of(example));
  CHECK(std::get<Preference>(read_content(ByteReader(bytes_of(example)))).rejected == "c");
}

TEST_CASE("A store's bytes that end too early or contradict themselves are refused, wherever they are cut") {
  Number random(1);
  TokenColumns columns;
  for (int i = 0; i < 5; ++i) columns.add(random_example(random), random_encoded(random, i), {});
  TokenFile file;
  file.add(columns);
  file.add(columns);
  const std::string bytes(file.finish({})->bytes());
  const TemporaryFolder folder;
  CHECK_NOTHROW(opened(folder, bytes));
  for (size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(opened(folder, bytes.substr(0, size)), Error);
  }
  CHECK_THROWS_AS(opened(folder, bytes + "x"), Error);
}

TEST_CASE("A task that encodes labels as no batch may have them is told so") {
  TokenColumns columns;
  const auto add = [&](std::vector<int64_t> ids, std::vector<int64_t> labels) {
    EncodedExample example;
    example.inputs.push_back({.ids = std::move(ids), .labels = std::move(labels)});
    columns.add({.content = Text{}, .group = ""}, example, {});
  };
  CHECK_NOTHROW(add({1, 2}, {1, no_target}));
  CHECK_THROWS_WITH(add({1, 2}, {2, 2}), Catch::Contains("the token 1 with the label 2"));
  CHECK_THROWS_WITH(add({-1}, {-1}), Catch::Contains("the token -1"));
  CHECK_THROWS_WITH(add({int64_t{1} << 31}, {}), Catch::Contains("expected an id below 2147483648"));
  CHECK_THROWS_WITH(add({1, 2}, {1}), Catch::Contains("2 tokens with 1 labels"));
}
