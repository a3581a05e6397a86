// Small tokenizers of every kind against Hugging Face's: made by tests/support/make_tokenizer_kinds.py.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/utf8.h"
#include "tokenizer/stream_decoder.h"
#include "tokenizer/tokenizer.h"

using namespace peft::host;
using Ids = std::vector<std::int64_t>;

namespace {

const std::filesystem::path kinds = PEFT_TOKENIZER_KINDS_DATA;

Ids ids_of(const peft::Value& list) {
  Ids ids;
  for (const peft::Value& id : list.as_list()) ids.push_back(id.as_integer());
  return ids;
}

std::string text_of(const Tokenizer& tokenizer, const Ids& ids, bool skip_special) {
  std::string text = tokenizer.decode(ids, skip_special);
  replace_invalid_utf8(text);
  return text;
}

std::string streamed(const Tokenizer& tokenizer, const Ids& ids, bool skip_special) {
  StreamDecoder stream(tokenizer, skip_special);
  std::string text;
  for (const std::int64_t id : ids) {
    const std::string part = stream.push(id);
    CHECK(valid_utf8_prefix(part) == part.size());
    text += part;
  }
  return text + stream.finish();
}

}  // namespace

TEST_CASE("Every kind gives the ids and texts that Hugging Face's tokenizers give") {
  std::size_t folders = 0;
  for (const auto& folder : std::filesystem::directory_iterator(kinds)) {
    ++folders;
    const auto tokenizer = load_tokenizer(folder.path());
    const Ids second = tokenizer->encode("a b");
    const peft::Value references = read_json_file((folder.path() / "reference.json").string());
    CHECK(references.as_list().size() > 40);
    for (const peft::Value& reference : references.as_list()) {
      const std::string& text = reference.at("text").as_text();
      INFO(folder.path().filename().string() << ": " << text);
      const Ids ids = tokenizer->encode(text);
      CHECK(ids == ids_of(reference.at("ids")));
      CHECK(tokenizer->encode_ordinary(text) == ids_of(reference.at("ordinary")));
      const Ids special = tokenizer->with_special_tokens(ids);
      CHECK(special == ids_of(reference.at("special")));
      CHECK(special.size() == ids.size() + static_cast<std::size_t>(tokenizer->special_tokens_added()));
      CHECK(tokenizer->with_special_tokens(ids, second) == ids_of(reference.at("pair")));
      for (const bool skip_special : {false, true}) {
        const std::string& decoded = reference.at(skip_special ? "decoded_text" : "decoded").as_text();
        CHECK(text_of(*tokenizer, special, skip_special) == decoded);
        CHECK(streamed(*tokenizer, special, skip_special) == decoded);
      }
    }
  }
  CHECK(folders == 13);
}

TEST_CASE("BERT's special tokens are known by what they are there for") {
  const auto tokenizer = load_tokenizer(kinds / "bert");
  const SpecialTokenIds& ids = tokenizer->special_ids();
  CHECK(ids.pad == 0);
  CHECK(ids.unk == 1);
  CHECK(ids.cls == 2);
  CHECK(ids.sep == 3);
  CHECK(ids.mask == 4);
  CHECK_FALSE(ids.bos);
  CHECK_FALSE(tokenizer->end_of_text());
}

TEST_CASE("Bytes that stand for characters become them, and all of a run U+FFFD where one does not fit") {
  const auto tokenizer = load_tokenizer(kinds / "llama2");
  const auto text_of_bytes = [&](std::initializer_list<int> bytes) {
    Ids ids;
    for (const int byte : bytes) ids.push_back(3 + byte);  // <0x00> is the fourth entry
    const std::string text = text_of(*tokenizer, ids, true);
    CHECK(streamed(*tokenizer, ids, true) == text);
    return text;
  };
  CHECK(text_of_bytes({0xE2, 0x82, 0xAC}) == "\u20ac");
  CHECK(text_of_bytes({0xE2, 0x82}) == "\ufffd\ufffd");
  CHECK(text_of_bytes({'A', 0xFF}) == "\ufffd\ufffd");
}
