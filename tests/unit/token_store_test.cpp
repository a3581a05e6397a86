// What encoding gives, kept in one block of bytes and taken out again.
#include "data/token_store.h"

#include <catch2/catch.hpp>
#include <memory>
#include <random>

#include "data/byte_stream.h"
#include "data/encoded_data.h"
#include "data/example_bytes.h"
#include "data/human_assistant.h"
#include "data_fixture.h"
#include "encoded_fixture.h"
#include "peft/error.h"

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
  write_example(example, bytes);
  return bytes.take();
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

TokenStore reopened(const TokenStore& store) {
  const auto bytes = std::make_shared<const std::string>(store.bytes());
  return TokenStore::open(*bytes, bytes);
}

}  // namespace

TEST_CASE("What was put into a store comes out of it and of a copy of its bytes, part by part, exactly") {
  Number random(5);
  for (int trial = 0; trial < 100; ++trial) {
    TokenColumns columns;
    std::vector<Example> examples;
    std::vector<std::optional<EncodedExample>> encoded;
    std::vector<Counts> counts;
    for (unsigned parts = random() % 4; parts > 0; --parts) {
      TokenColumns part;
      for (unsigned i = random() % 5; i > 0; --i) {
        examples.push_back(random_example(random));
        encoded.push_back(random_encoded(random, static_cast<int64_t>(encoded.size())));
        Counts& said = counts.emplace_back();
        for (unsigned what = random() % 3; what > 0; --what) said.add("what " + std::to_string(random() % 4));
        part.add(examples.back(), encoded.back(), said);
      }
      columns.append(part);
    }
    SourceSummary summary{.rows = 17, .examples = 99, .counts = {}};
    summary.counts.add("deleted messages", 3);
    const TokenStore made(summary, columns);
    for (const TokenStore& store : {made, reopened(made)}) {
      CHECK(store.summary().rows == 17);
      CHECK(store.summary().examples == 99);
      CHECK(store.summary().counts == summary.counts);
      REQUIRE(store.size() == examples.size());
      for (size_t i = 0; i < examples.size(); ++i) {
        CHECK(bytes_of(store.example(i)) == bytes_of(examples[i]));
        CHECK(store.groups()[i] == examples[i].group);
        CHECK(store.has_target(i) == encoded[i].has_value());
        if (encoded[i]) CHECK(same(store.encoded(i), *encoded[i]));
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
  const Example back = read_example(ByteReader(bytes_of(example)));
  CHECK(back.group == "g");
  CHECK(std::get<Preference>(back.content).rejected == "c");
}

TEST_CASE("A store's bytes that end too early or contradict themselves are refused, wherever they are cut") {
  Number random(1);
  TokenColumns columns;
  for (int i = 0; i < 5; ++i) columns.add(random_example(random), random_encoded(random, i), {});
  const std::string bytes(TokenStore({}, columns).bytes());
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto part = std::make_shared<const std::string>(bytes.substr(0, size));
    CHECK_THROWS_AS(TokenStore::open(*part, part), Error);
  }
  const auto longer = std::make_shared<const std::string>(bytes + "x");
  CHECK_THROWS_AS(TokenStore::open(*longer, longer), Error);
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

TEST_CASE("Encoding gives the same bytes on any number of threads, counts included") {
  Number random(9);
  ExampleList list;
  for (int i = 0; i < 1000; ++i) {
    list.examples.push_back({.content = Text{std::string(random() % 100, 'a')}, .group = ""});
  }
  const LengthTask task;
  const ByteCodec codec;
  const HumanAssistant form;
  const Encoding encoding{task, codec, form, {.max_length = 50}};
  const std::string alone(encode_examples(encoding, list, 1000, 1).bytes());
  for (const size_t threads : {2, 3, 16}) {
    CHECK(encode_examples(encoding, list, 1000, threads).bytes() == alone);
  }
  const TokenStore store = encode_examples(encoding, list, 1000, 3);
  std::vector<size_t> odd;
  for (size_t i = 1; i < 1000; i += 2) odd.push_back(i);
  const EncodedData one = select_examples(store, odd, encoding, 1);
  const EncodedData many = select_examples(store, odd, encoding, 5);
  CHECK(content_hash(one.examples) == content_hash(many.examples));
  CHECK(one.summary.counts == many.summary.counts);
  CHECK(one.summary.counts.of("texts cut at their end") > 0);
  CHECK(one.summary.skipped > 0);
  CHECK(one.summary.tokens == many.summary.tokens);
  CHECK(one.summary.targets == many.summary.targets);
  CHECK(one.summary.longest == 50);
}

TEST_CASE("The error of the first example that cannot be encoded is the one that is told") {
  ExampleList list;
  for (int i = 0; i < 1000; ++i) list.examples.push_back({.content = Text{std::to_string(i)}, .group = ""});
  const LengthTask task("321");
  const ByteCodec codec;
  const HumanAssistant form;
  for (int trial = 0; trial < 20; ++trial) {
    CHECK_THROWS_WITH(encode_examples({task, codec, form, {}}, list, 1000, 4), "refused 321");
  }
  CHECK(encode_examples({task, codec, form, {}}, list, 300, 4).size() == 300);
}
