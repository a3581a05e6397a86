#include "tokenizer/tokenizer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "base/utf8.h"
#include "support/temporary_folder.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/pre_tokenizers/gpt2_pattern.h"
#include "tokenizer/stream_decoder.h"
#include "tokenizer/unicode_classes.h"

using namespace peft::host;
using Ids = std::vector<std::int64_t>;

namespace {

// A small byte-level BPE with added tokens of every kind, its texts, and Hugging Face's ids for them: made by
// tests/support/make_tokenizer_reference.py.
const std::filesystem::path folder = PEFT_TOKENIZER_TEST_DATA;

peft::Value::List reference() {
  return read_json_file((folder / "reference.json").string()).as_list();
}

Ids ids_of(const peft::Value& list) {
  Ids ids;
  for (const peft::Value& id : list.as_list()) ids.push_back(id.as_integer());
  return ids;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t length = first_gpt2_word(text);
    words.emplace_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return words;
}

std::string random_bytes(std::mt19937& random) {
  std::string bytes(random() % 200, '\0');
  const bool mostly_text = random() % 2 == 0;
  for (char& byte : bytes) {
    byte = static_cast<char>(mostly_text && random() % 8 != 0 ? " aZ0'\n<|e"[random() % 9] : random() % 256);
  }
  return bytes;
}

}  // namespace

TEST_CASE("Texts have the ids that Hugging Face's tokenizers give them") {
  const auto tokenizer = load_tokenizer(folder);
  for (const peft::Value& entry : reference()) {
    const std::string& text = entry.at("text").as_text();
    INFO(text);
    CHECK(tokenizer->encode(text) == ids_of(entry.at("small")));
    CHECK(tokenizer->encode_ordinary(text) == ids_of(entry.at("small_ordinary")));
    std::string decoded = tokenizer->decode(ids_of(entry.at("small")), true);
    replace_invalid_utf8(decoded);
    CHECK(decoded == entry.at("small_decoded").as_text());
  }
}

TEST_CASE("Every code point has the class of Unicode 16.0, as in tokenizers 0.23") {
  // FNV-1a over the classes that ByteLevel(add_prefix_space=False) was seen to give each code point: 1
  // letter, 2 number, 3 white space, 4 other (surrogates among them). `make parity` compares with the
  // installed version.
  std::uint64_t hash = 14695981039346656037u;
  for (char32_t code = 0; code < 0x110000; ++code) {
    const auto which = static_cast<std::uint64_t>(unicode::class_of(code));
    hash = (hash ^ (which == 0 ? 4 : which)) * 1099511628211u;
  }
  CHECK(hash == 15712812820974207504u);
}

TEST_CASE("Words are cut as GPT-2's pattern cuts them") {
  using Words = std::vector<std::string>;
  CHECK(words_of("we'll see 's") == Words{"we", "'ll", " see", " '", "s"});
  CHECK(words_of("a  b") == Words{"a", " ", " b"});
  CHECK(words_of("a \n b ") == Words{"a", " \n", " b", " "});
  CHECK(words_of("x\r\ny") == Words{"x", "\r", "\n", "y"});
  CHECK(words_of("no\u00a0break") == Words{"no", "\u00a0", "break"});
  CHECK(words_of("abc123!? 4") == Words{"abc", "123", "!?", " 4"});
  CHECK(words_of("e\u0301t\u00e9") == Words{"e", "\u0301", "t\u00e9"});
  CHECK(words_of("'") == Words{"'"});
  CHECK(words_of("'lx'r") == Words{"'", "lx", "'", "r"});
}

TEST_CASE("Special tokens in a text are recognised, or are plain text where that is asked for") {
  const auto tokenizer = load_tokenizer(folder);
  REQUIRE(tokenizer->end_of_text() == 0);
  const std::string text = "One text.<|endoftext|>";
  CHECK(tokenizer->encode(text).back() == 0);
  const Ids ordinary = tokenizer->encode_ordinary(text);
  CHECK(std::count(ordinary.begin(), ordinary.end(), 0) == 0);
  CHECK(tokenizer->decode(ordinary, true) == text);
  CHECK(tokenizer->decode(tokenizer->encode(text), true) == "One text.");
  CHECK(tokenizer->special_tokens().front().content == "<|endoftext|>");
}

TEST_CASE("Ids that no token has decode to nothing") {
  const auto tokenizer = load_tokenizer(folder);
  CHECK(tokenizer->decode(Ids{-1, tokenizer->vocab_size(), std::int64_t{1} << 62}).empty());
}

TEST_CASE("Streaming gives whole characters only, and all of the text") {
  const auto tokenizer = load_tokenizer(folder);
  StreamDecoder stream(*tokenizer);
  for (const peft::Value& entry : reference()) {
    const std::string text = entry.at("text").as_text() + "\u20ac\U0001F9EA";
    std::string streamed;
    for (const std::int64_t id : tokenizer->encode_ordinary(text)) {
      const std::string part = stream.push(id);
      CHECK(valid_utf8_prefix(part) == part.size());
      streamed += part;
    }
    CHECK(streamed + stream.finish() == text);
  }
}

TEST_CASE("A character that never ends is streamed as U+FFFD") {
  const auto tokenizer = load_tokenizer(folder);
  const Ids emoji = tokenizer->encode("\U0001F9EA");
  REQUIRE(emoji.size() > 1);  // its last byte stands apart, or there would be nothing to cut
  StreamDecoder stream(*tokenizer);
  std::string streamed;
  for (std::size_t i = 0; i + 1 < emoji.size(); ++i) streamed += stream.push(emoji[i]);
  CHECK(streamed.empty());
  CHECK(stream.finish() == "\uFFFD");
  CHECK(stream.finish().empty());
}

TEST_CASE("Any bytes can be encoded, and come back with what is malformed as U+FFFD") {
  const auto tokenizer = load_tokenizer(folder);
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    const std::string bytes = random_bytes(random);
    std::string repaired = bytes;
    replace_invalid_utf8(repaired);
    REQUIRE(tokenizer->decode(tokenizer->encode_ordinary(bytes)) == repaired);
  }
}

TEST_CASE("A word of a megabyte is encoded in reasonable time") {
  const auto tokenizer = load_tokenizer(folder);
  const std::string word(1 << 20, 'a');
  CHECK(tokenizer->decode(tokenizer->encode(word)) == word);
}

TEST_CASE("Threads may share a tokenizer") {
  const auto tokenizer = load_tokenizer(folder);
  const auto encode_all = [&] {
    std::vector<Ids> all;
    for (const peft::Value& entry : reference()) all.push_back(tokenizer->encode(entry.at("text").as_text()));
    return all;
  };
  const std::vector<Ids> expected = encode_all();
  std::vector<std::vector<Ids>> found(4);
  std::vector<std::thread> threads;
  for (auto& result : found) threads.emplace_back([&] { result = encode_all(); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : found) CHECK(result == expected);
}

TEST_CASE("GPT-2's own vocabulary gives GPT-2's ids") {
  const char* shared = std::getenv("PEFT_SHARED_DATA");
  const std::filesystem::path files = std::filesystem::path(shared ? shared : "") / "tokenizers";
  if (!std::filesystem::exists(files / "gpt2_vocab.json")) {
    WARN("skipped: no gpt2_vocab.json in " << files);
    return;
  }
  const peft::test::TemporaryFolder gpt2;
  std::filesystem::copy_file(files / "gpt2_vocab.json", gpt2.path() / "vocab.json");
  std::filesystem::copy_file(files / "gpt2_merges.txt", gpt2.path() / "merges.txt");
  const auto tokenizer = load_tokenizer(gpt2.path());
  CHECK(tokenizer->vocab_size() == 50257);
  CHECK(tokenizer->end_of_text() == 50256);
  CHECK(tokenizer->encode(" Hello world<|endoftext|>") == Ids{18435, 995, 50256});
  for (const peft::Value& entry : reference()) {
    INFO(entry.at("text").as_text());
    CHECK(tokenizer->encode(entry.at("text").as_text()) == ids_of(entry.at("gpt2")));
  }
}

TEST_CASE("A small GPT-2's tokenizer.json loads with what stands beside it") {
  const char* shared = std::getenv("PEFT_SHARED_DATA");
  const std::filesystem::path nano = std::filesystem::path(shared ? shared : "") / "weights" / "nano-gpt2";
  if (!std::filesystem::exists(nano / "tokenizer.json")) {
    WARN("skipped: no tokenizer.json in " << nano);
    return;
  }
  const auto tokenizer = load_tokenizer(nano);
  CHECK(tokenizer->vocab_size() == 8192);
  CHECK(tokenizer->end_of_text() == 0);
  CHECK(tokenizer->decode(tokenizer->encode("User: hello\nAssistant:")) == "User: hello\nAssistant:");
}

TEST_CASE("The byte alphabet is GPT-2's and goes both ways") {
  CHECK(token_of_bytes(" a\n") == "\u0120a\u010a");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string bytes(1, static_cast<char>(byte));
    CHECK(bytes_of_token(token_of_bytes(bytes)) == bytes);
  }
  CHECK_FALSE(bytes_of_token("a b"));     // a space is not of the alphabet
  CHECK_FALSE(bytes_of_token("\u0144"));  // nor is what comes after it
  CHECK_FALSE(bytes_of_token("\u65e5"));
}
