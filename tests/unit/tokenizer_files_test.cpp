// What load_tokenizer accepts, and what it says about the rest.
#include <catch2/catch.hpp>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "peft/error.h"
#include "support/temporary_folder.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer_fixture.h"

using namespace peft::host;
using Catch::Contains;
using peft::Value;
using peft::test::small_vocabulary;
using peft::test::TemporaryFolder;
using Ids = std::vector<std::int64_t>;

namespace {

Value small_tokenizer_json() {
  const Value::List merges = {Value::List{"a", "b"}, Value::List{"ab", "c"}};
  const Value::Map end_of_text = {{"id", 258}, {"content", "<|endoftext|>"}, {"special", true}};
  return Value::Map{
      {"version", "1.0"},
      {"added_tokens", Value::List{end_of_text}},
      {"normalizer", nullptr},
      {"pre_tokenizer", Value::Map{{"type", "ByteLevel"}, {"add_prefix_space", false}}},
      {"decoder", Value::Map{{"type", "ByteLevel"}}},
      {"model", Value::Map{{"type", "BPE"}, {"vocab", small_vocabulary()}, {"merges", merges}}}};
}

// The value at a path of keys, to be changed.
Value& at(Value& root, std::initializer_list<const char*> path) {
  Value* value = &root;
  for (const char* key : path) {
    if (value->find(key) == nullptr) value->set(key, nullptr);
    for (auto& [name, entry] : value->as_map()) {
      if (name == key) {
        value = &entry;
        break;
      }
    }
  }
  return *value;
}

std::string problem_with(const TemporaryFolder& folder) {
  try {
    load_tokenizer(folder.path());
  } catch (const peft::Error& problem) {
    return problem.what();
  }
  return "";
}

std::string problem_with(const Value& tokenizer_json) {
  const TemporaryFolder folder;
  folder.write("tokenizer.json", dump_json(tokenizer_json));
  const std::string problem = problem_with(folder);
  if (!problem.empty()) CHECK_THAT(problem, Contains("tokenizer.json"));
  return problem;
}

std::string problem_with(const std::string& vocab, const std::string& merges) {
  const TemporaryFolder folder;
  folder.write("vocab.json", vocab);
  folder.write("merges.txt", merges);
  return problem_with(folder);
}

}  // namespace

TEST_CASE("vocab.json and merges.txt make a tokenizer") {
  const TemporaryFolder folder;
  folder.write("vocab.json", dump_json(small_vocabulary()));
  folder.write("merges.txt", "#version: 0.2\na b\r\nab c\n");
  const auto tokenizer = load_tokenizer(folder.path());
  CHECK(tokenizer->encode("abcab<|endoftext|>c") == Ids{257, 256, 258, 'c'});
  CHECK(tokenizer->vocab_size() == 259);
  CHECK(tokenizer->end_of_text() == 258);
}

TEST_CASE(
    "Merges are written as pairs, or as text in older files, which do not name the model's type either") {
  Value json = small_tokenizer_json();
  at(json, {"model", "merges"}) = Value::List{"a b", "ab c"};
  const auto is_type = [](const Value::Entry& entry) { return entry.first == "type"; };
  std::erase_if(at(json, {"model"}).as_map(), is_type);
  for (const Value& form : {small_tokenizer_json(), json}) {
    const TemporaryFolder folder;
    folder.write("tokenizer.json", dump_json(form));
    CHECK(load_tokenizer(folder.path())->encode("abcab") == Ids{257, 256});
  }
}

TEST_CASE("Whatever decides the ids decides a tokenizer's identity, and the file's form does not") {
  const auto identity = [](const Value& json, const std::string& special_tokens = "{}") {
    const TemporaryFolder folder;
    folder.write("tokenizer.json", dump_json(json, 1));
    folder.write("special_tokens_map.json", special_tokens);
    return load_tokenizer(folder.path())->identity();
  };
  const Value small = small_tokenizer_json();
  const std::string usual = identity(small);
  Value older = small;
  at(older, {"model", "merges"}) = Value::List{"a b", "ab c"};
  CHECK(identity(older) == usual);

  Value changed = small;
  at(changed, {"model", "vocab", "abc"}) = 300;
  CHECK(identity(changed) != usual);
  changed = small;
  at(changed, {"model", "merges"}) = Value::List{"ab c", "a b"};
  CHECK(identity(changed) != usual);
  changed = small;
  at(changed, {"pre_tokenizer", "add_prefix_space"}) = true;
  CHECK(identity(changed) != usual);
  changed = small;
  at(changed, {"added_tokens"}).as_list().front().set("lstrip", true);
  CHECK(identity(changed) != usual);
  CHECK(identity(small, R"({"additional_special_tokens": ["ab"]})") != usual);
}

TEST_CASE("Among neighbouring pairs the lowest rank is merged first, then the leftmost") {
  Value vocabulary = small_vocabulary();
  vocabulary.set("bc", 259);
  vocabulary.set("aa", 260);
  const TemporaryFolder folder;
  folder.write("vocab.json", dump_json(vocabulary));
  folder.write("merges.txt", "b c\na b\na a\n");
  const auto tokenizer = load_tokenizer(folder.path());
  CHECK(tokenizer->encode("abc") == Ids{'a', 259});
  CHECK(tokenizer->encode("aaa") == Ids{260, 'a'});
  CHECK(tokenizer->encode("aaab") == Ids{260, 256});
}

TEST_CASE("add_prefix_space puts a space before every stretch of text that has none") {
  Value json = small_tokenizer_json();
  at(json, {"pre_tokenizer", "add_prefix_space"}) = true;
  const TemporaryFolder folder;
  folder.write("tokenizer.json", dump_json(json));
  const auto tokenizer = load_tokenizer(folder.path());
  CHECK(tokenizer->encode("ab<|endoftext|>ab ab") == Ids{' ', 256, 258, ' ', 256, ' ', 256});
  CHECK(tokenizer->encode(" ab") == Ids{' ', 256});
  CHECK(tokenizer->encode("").empty());
}

TEST_CASE("What tokenizer.json asks for and we do not have is named") {
  struct Case {
    std::initializer_list<const char*> path;
    Value value;
    std::string expected;
  };
  const Case cases[] = {
      {{"normalizer"}, Value::Map{{"type", "Nmt"}}, "normalizer 'Nmt' found, expected one of BertNormalizer"},
      {{"pre_tokenizer"}, Value::Map{{"type", "Sequence"}}, "pre-tokenizer Sequence has no 'pretokenizers'"},
      {{"pre_tokenizer"}, Value::Map{{"type", "Delimited"}}, "pre-tokenizer 'Delimited'"},
      {{"pre_tokenizer", "new_option"}, 1, "'new_option' in pre-tokenizer ByteLevel"},
      {{"post_processor"}, Value::Map{{"type", "Reversed"}}, "post-processor 'Reversed'"},
      {{"model", "type"}, "WordLevel", "model 'WordLevel' found, expected one of BPE, WordPiece, Unigram"},
      {{"model", "dropout"}, 0.1, "model BPE: 'dropout' is 0.1"},
      {{"model", "continuing_subword_prefix"}, "##", "'continuing_subword_prefix' is '##'"},
      {{"model", "end_of_word_suffix"}, "</w>", "'end_of_word_suffix' is '</w>'"},
      {{"model", "new_option"}, 1, "'new_option' in model BPE"},
      {{"new_part"}, 1, "'new_part'"},
  };
  for (const Case& unsupported : cases) {
    Value json = small_tokenizer_json();
    at(json, unsupported.path) = unsupported.value;
    CHECK_THAT(problem_with(json), Contains(unsupported.expected));
  }
}

TEST_CASE("Settings that change no ids are accepted") {
  Value json = small_tokenizer_json();
  at(json, {"truncation"}) = Value::Map{{"max_length", 3}};
  at(json, {"post_processor"}) = Value::Map{{"type", "ByteLevel"}};
  at(json, {"model", "dropout"}) = 0.0;
  at(json, {"model", "continuing_subword_prefix"}) = "";
  at(json, {"model", "unk_token"}) = "<|endoftext|>";
  CHECK(problem_with(json) == "");
}

TEST_CASE("Files that contradict each other or themselves are refused") {
  const std::string vocab = dump_json(small_vocabulary());
  CHECK_THAT(problem_with(vocab, "a b\nx y\n"), Contains("merge 2 ('x' with 'y') needs the token 'xy'"));
  CHECK_THAT(problem_with(vocab, "a b\nq\u65e5 c\n"), Contains("merges.txt") && Contains("needs the token"));
  CHECK_THAT(problem_with(vocab, "a b\nabc\n"), Contains("merges.txt:2:1: error: 'abc' found"));
  CHECK_THAT(problem_with(vocab, "a b c\n"), Contains("merges.txt:1:1"));

  Value twice = small_vocabulary();
  twice.set("other", 97);
  CHECK_THAT(problem_with(dump_json(twice), "a b\n"), Contains("'a' and 'other' both have the id 97"));
  Value negative = small_vocabulary();
  negative.set("other", -5);
  CHECK_THAT(problem_with(dump_json(negative), ""), Contains("'other' has the id -5"));
  Value huge = small_vocabulary();
  huge.set("other", std::int64_t{1} << 60);
  CHECK_THAT(problem_with(dump_json(huge), ""), Contains("has the id 1152921504606846976"));
  Value mistyped = small_vocabulary();
  mistyped.set("other", "7");
  CHECK_THAT(problem_with(dump_json(mistyped), ""), Contains("'other' has text for its id"));
  CHECK_THAT(problem_with(R"({"a": 0, "b": 1})", ""), Contains("254 of the 256 single bytes"));
  CHECK_THAT(problem_with("[1, 2]", ""), Contains("list found"));

  Value json = small_tokenizer_json();
  at(json, {"added_tokens"}).as_list().push_back(Value::Map{{"content", "abc"}, {"id", 300}});
  CHECK_THAT(problem_with(json), Contains("'abc' has the id 300, but 257 in the vocabulary"));
  Value merges = small_tokenizer_json();
  at(merges, {"model", "merges"}) = Value::List{Value::List{"a", "b", "c"}};
  CHECK_THAT(problem_with(merges), Contains("a merge of 3 tokens"));
  at(merges, {"model", "merges"}) = "a b";
  CHECK_THAT(problem_with(merges), Contains("tokenizer.json"));
}

TEST_CASE("Missing files are named") {
  const TemporaryFolder folder;
  CHECK_THAT(problem_with(folder), Contains("no tokenizer found") && Contains(folder.path().string()));
  folder.write("vocab.json", "{}");
  CHECK_THAT(problem_with(folder), Contains("only one of vocab.json and merges.txt"));
}

TEST_CASE("A mistake in tokenizer_config.json is named with the file") {
  const auto problem = [](std::string_view config) {
    const TemporaryFolder folder;
    folder.write("vocab.json", dump_json(small_vocabulary()));
    folder.write("merges.txt", "a b\n");
    folder.write("tokenizer_config.json", config);
    return problem_with(folder);
  };
  CHECK_THAT(problem(R"({"eos_token": "</s>"})"),
             Contains("tokenizer_config.json: error: the special token '</s>'"));
  CHECK_THAT(problem(R"({"eos_token": 3})"), Contains("tokenizer_config.json: error: "));
  CHECK_THAT(problem(R"({"added_tokens_decoder": {"x1": {"content": "<x>"}}})"), Contains("'x1'"));
  CHECK_THAT(problem(R"({"eos_token": )"), Contains("tokenizer_config.json:1:"));
}

TEST_CASE("A truncated or damaged tokenizer.json is refused or loads, and never crashes") {
  const std::string whole = read_file(std::filesystem::path(PEFT_TOKENIZER_TEST_DATA) / "tokenizer.json");
  std::mt19937 random(11);
  for (int i = 0; i < 300; ++i) {
    std::string damaged = whole;
    if (i % 3 == 0) {
      damaged.resize(random() % whole.size());
    } else {
      for (int change = 0; change < 3; ++change)
        damaged[random() % whole.size()] = static_cast<char>(random());
    }
    const TemporaryFolder folder;
    folder.write("tokenizer.json", damaged);
    const std::string problem = problem_with(folder);  // anything but peft::Error would end the test
    if (i % 3 == 0) CHECK_THAT(problem, Contains("tokenizer.json:"));
  }
}
