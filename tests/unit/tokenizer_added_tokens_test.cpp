// Special and added tokens, by what stands beside a vocabulary.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/json.h"
#include "peft/error.h"
#include "support/temporary_folder.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer_fixture.h"

using namespace peft::host;
using Catch::Contains;
using peft::Value;
using peft::test::small_vocabulary;
using Ids = std::vector<std::int64_t>;

namespace {

// vocab.json and merges.txt with one merge.
class Folder {
 public:
  explicit Folder(const Value& vocabulary = small_vocabulary()) {
    write("vocab.json", dump_json(vocabulary));
    write("merges.txt", "a b\n");
  }

  void write(const std::string& name, const std::string& content) const { folder_.write(name, content); }
  std::unique_ptr<Tokenizer> tokenizer() const { return load_tokenizer(folder_.path()); }

 private:
  peft::test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("tokenizer_config.json names the end-of-text token and adds tokens") {
  const Folder folder;
  folder.write("tokenizer_config.json",
               R"({"eos_token": {"content": "<eos>", "lstrip": false}, "pad_token": "!",
                   "added_tokens_decoder": {"300": {"content": "<eos>", "special": true}}})");
  const auto tokenizer = folder.tokenizer();
  CHECK(tokenizer->end_of_text() == 300);
  CHECK(tokenizer->vocab_size() == 301);
  CHECK(tokenizer->encode("ab!<eos>") == Ids{256, '!', 300});
  CHECK(tokenizer->decode(tokenizer->encode("ab!<eos>"), true) == "ab");
  std::vector<std::string> contents;
  for (const SpecialToken& token : tokenizer->special_tokens()) contents.push_back(token.content);
  CHECK(contents == std::vector<std::string>{"!", "<|endoftext|>", "<eos>"});
}

TEST_CASE("special_tokens_map.json counts where tokenizer_config.json is silent") {
  const Folder folder;
  folder.write("special_tokens_map.json", R"({"eos_token": "abc", "pad_token": "?"})");
  folder.write("tokenizer_config.json", R"({"pad_token": null})");
  const auto tokenizer = folder.tokenizer();
  CHECK(tokenizer->end_of_text() == 257);
  CHECK(tokenizer->special_tokens().size() == 2);  // abc, and the default <|endoftext|>; '?' was set aside
}

TEST_CASE("A vocabulary without <|endoftext|> has no end of text") {
  Value vocabulary = small_vocabulary();
  vocabulary.as_map().pop_back();
  const Folder folder(vocabulary);
  CHECK_FALSE(folder.tokenizer()->end_of_text());
}

TEST_CASE("The older added_tokens.json adds tokens, special where a role names them") {
  const Folder folder;
  folder.write("added_tokens.json", R"({"<pad>": 259, " word": 260, "<x>": 261, "<|endoftext|>": 258})");
  folder.write("special_tokens_map.json", R"({"pad_token": "<pad>"})");
  const auto tokenizer = folder.tokenizer();
  CHECK(tokenizer->vocab_size() == 262);
  // As transformers 5 reads the same files with GPT-2's vocabulary.
  CHECK(tokenizer->encode("a<pad>b a word<x><|endoftext|>") == Ids{'a', 259, 'b', ' ', 'a', 260, 261, 258});
  CHECK(tokenizer->encode_ordinary("a word<x>") == Ids{'a', 260, 261});
  CHECK(tokenizer->encode_ordinary("<pad>") == Ids{'<', 'p', 'a', 'd', '>'});
  CHECK(tokenizer->decode(tokenizer->encode("a<pad><x>"), true) == "a<x>");
}

TEST_CASE("added_tokens.json does not count beside added_tokens_decoder, and is named where it is damaged") {
  const Folder folder;
  folder.write("added_tokens.json", R"({"<x>": 300})");
  folder.write("tokenizer_config.json", R"({"added_tokens_decoder": {"259": {"content": "<y>"}}})");
  CHECK(folder.tokenizer()->vocab_size() == 260);
  folder.write("tokenizer_config.json", "{}");
  CHECK(folder.tokenizer()->vocab_size() == 301);
  for (const char* damaged : {"[1]", R"({"<x>": "300"})", R"({"": 300})", "{"}) {
    folder.write("added_tokens.json", damaged);
    CHECK_THROWS_WITH(folder.tokenizer(), Contains("added_tokens.json"));
  }
}
