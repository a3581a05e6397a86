// The stages of a tokenizer one by one, and what is said of folders whose stages do not fit.
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "peft/error.h"
#include "support/temporary_folder.h"
#include "tokenizer/base64.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/tokenizer.h"

using namespace peft::host;
using Catch::Contains;
using peft::Value;
using peft::test::TemporaryFolder;
using Ids = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;

namespace {

const std::filesystem::path kinds = PEFT_TOKENIZER_KINDS_DATA;

Texts words_of(const std::string& description, std::string_view text) {
  const auto pre_tokenizer = make_pre_tokenizer(parse_json(description));
  Words words;
  words.assign(text, true);
  pre_tokenizer->pre_tokenize(words);
  return {words.words().begin(), words.words().end()};
}

std::string normalized(const std::string& description, std::string text) {
  make_normalizer(parse_json(description))->normalize(text);
  return text;
}

std::string problem_with(const TemporaryFolder& folder) {
  try {
    load_tokenizer(folder.path());
  } catch (const peft::Error& problem) {
    return problem.what();
  }
  return "";
}

// A kind's tokenizer.json with one part replaced.
std::string problem_with(const char* kind, const char* part, const std::string& replacement) {
  Value json = read_json_file((kinds / kind / "tokenizer.json").string());
  json.set(part, parse_json(replacement));
  json.set("added_tokens", Value::List());
  const TemporaryFolder folder;
  folder.write("tokenizer.json", dump_json(json));
  const std::string problem = problem_with(folder);
  if (!problem.empty()) CHECK_THAT(problem, Contains("tokenizer.json: error: "));
  return problem;
}

std::string random_text(std::mt19937& random) {
  static const Texts pieces = {"a",      "B",      "\u00e9",     "\u65e5",    "'s", "'LL",    "'\u017f",
                               "'",      "1",      "234",        " ",         "  ", "\t",     "\n",
                               "\r\n",   ".",      "!?",         "\u0301",    "_",  "\u180e", "\u00a0",
                               "\u3000", "\u1c89", "\U00010d40", "\U0001f642"};
  std::string text;
  for (auto count = random() % 12; count > 0; --count) text += pieces[random() % pieces.size()];
  return text;
}

}  // namespace

TEST_CASE("Qwen2's and Llama-3's patterns are cut as the regular expressions say") {
  // The same expression in a group is another text, so it is not known and PCRE2 does it.
  for (const std::string digits : {"", "{1,3}"}) {
    const std::string pattern = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N})" +
                                digits + R"(| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+)";
    const auto split = [](const std::string& regex) {
      return R"({"type": "Split", "pattern": {"Regex": ")" + regex + R"("}, "behavior": "Isolated"})";
    };
    std::mt19937 random(3);
    for (int i = 0; i < 20000; ++i) {
      const std::string text = random_text(random);
      INFO(text);
      REQUIRE(words_of(split(pattern), text) == words_of(split("(?:" + pattern + ")"), text));
    }
  }
}

TEST_CASE("A split does with its matches what its behavior says") {
  const auto split = [](const std::string& behavior, const char* invert = "false") {
    return words_of(R"({"type": "Split", "pattern": {"String": "-"}, "behavior": ")" + behavior +
                        R"(", "invert": )" + invert + "}",
                    "a--b-");
  };
  CHECK(split("Removed") == Texts{"a", "b"});
  CHECK(split("Removed", "true") == Texts{"-", "-", "-"});
  CHECK(split("Isolated") == Texts{"a", "-", "-", "b", "-"});
  CHECK(split("MergedWithPrevious") == Texts{"a-", "-", "b-"});
  CHECK(split("MergedWithNext") == Texts{"a", "-", "-b", "-"});
  CHECK(split("Contiguous") == Texts{"a", "--", "b", "-"});
}

TEST_CASE("Metaspace marks where words begin") {
  const auto meta_space = [](const std::string& options, std::string_view text) {
    return words_of(R"({"type": "Metaspace", "replacement": "▁")" + options + "}", text);
  };
  CHECK(meta_space("", "a  b ") == Texts{"▁a", "▁", "▁b", "▁"});
  CHECK(meta_space(R"(, "split": false)", "a b") == Texts{"▁a▁b"});
  CHECK(meta_space(R"(, "add_prefix_space": false)", "a b") == Texts{"a", "▁b"});
  CHECK(meta_space("", " a") == Texts{"▁a"});
  const std::string sequence = R"({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"},
                                   {"type": "Metaspace", "prepend_scheme": ")";
  CHECK(words_of(sequence + R"(always"}]})", "a b") == Texts{"▁a", "▁b"});
  CHECK(words_of(sequence + R"(first"}]})", "a b") == Texts{"▁a", "b"});
  CHECK(words_of(sequence + R"(first"}]})", " a b") == Texts{"a", "b"});
}

TEST_CASE("Normalization forms are those of the Unicode that tokenizers knows, whatever ICU does") {
  CHECK(normalized(R"({"type": "NFC"})", "e\u0301\u1112\u1161\u11ab") == "\u00e9\ud55c");
  CHECK(normalized(R"({"type": "NFD"})", "\u00e9\u212b") == "e\u0301A\u030a");
  CHECK(normalized(R"({"type": "NFKC"})", "\ufb01\u2460\uff21") == "fi1A");
  CHECK(normalized(R"({"type": "NFKC"})", "\u32ff") == "\u32ff");  // decomposes since Unicode 12.1
  CHECK(normalized(R"({"type": "NFKD"})", "\u1e9b\u0323") == "s\u0323\u0307");
}

TEST_CASE("A table of SentencePiece's is asked for whole characters, of the Unicode that tokenizers knows") {
  const Value described = read_json_file((kinds / "t5" / "tokenizer.json").string()).at("normalizer");
  const std::string table = dump_json(described);
  CHECK(normalized(table, "\u00bd") == "1/2");
  CHECK(normalized(table, "\u00bd\u1ad6") == "1/2");  // five bytes: the entry stands for all
  CHECK(normalized(table, "\u00bd\u0301\u1ad6") == "1/2\u0301\u1ad6");  // more: for its own
}

TEST_CASE("BERT's normalizer does what each of its settings says") {
  const auto bert = [](const std::string& settings, const std::string& text) {
    return normalized(R"({"type": "BertNormalizer")" + settings + "}", text);
  };
  CHECK(bert("", "\u0041\u0301\u0130\u4e2dx\ty\u0001") == "ai \u4e2d x y");
  CHECK(bert(R"(, "lowercase": false)", "\u00c9a\u0301") == "\u00c9a\u0301");  // then accents stay, too
  CHECK(bert(R"(, "lowercase": false, "strip_accents": true)", "\u00c9") == "E");
  CHECK(bert(R"(, "strip_accents": false)", "\u00c9\u0130") == "\u00e9i\u0307");
  CHECK(bert(R"(, "handle_chinese_chars": false)", "\u4e2d") == "\u4e2d");
  CHECK(bert(R"(, "clean_text": false)", "a\u0001\u00a0b") == "a\u0001\u00a0b");
}

TEST_CASE("tokenizer_config.json decides how BERT treats case") {
  const TemporaryFolder folder;
  folder.write("vocab.txt", "[UNK]\nabc\nABC\n");
  CHECK(load_tokenizer(folder.path())->encode("ABC") == Ids{1});
  folder.write("tokenizer_config.json", R"({"do_lower_case": false})");
  CHECK(load_tokenizer(folder.path())->encode("ABC") == Ids{2});
}

TEST_CASE("Base 64 goes both ways") {
  std::mt19937 random(5);
  for (std::size_t size = 0; size < 50; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    CHECK(decode_base64(encode_base64(bytes)) == bytes);
  }
  CHECK(encode_base64("any") == "YW55");
  CHECK_THROWS_WITH(decode_base64("YW5*"), Contains("'*' found in base 64"));
}

TEST_CASE("A vocabulary without its unknown token is refused") {
  const TemporaryFolder bert;
  bert.write("vocab.txt", "[CLS]\n[SEP]\nthe\n");
  CHECK_THAT(problem_with(bert), Contains("vocab.txt: error: the unknown token '[UNK]' is not in the"));
  CHECK_THAT(problem_with("t5", "model", R"({"type": "Unigram", "vocab": [["a", -1.0]], "unk_id": 1})"),
             Contains("unk_id is 1, expected one of the 1 pieces"));
  CHECK_THAT(problem_with("t5", "model", R"({"type": "Unigram", "vocab": [["a", -1.0]], "unk_id": null})"),
             Contains("unk_id is missing"));
  CHECK_THAT(problem_with("plain", "model",
                          R"({"type": "BPE", "vocab": {"a": 0}, "merges": [], "unk_token": "<none>"})"),
             Contains("the unknown token '<none>' is not in the vocabulary"));
}

TEST_CASE("A line that stands twice in vocab.txt is named") {
  const TemporaryFolder folder;
  folder.write("vocab.txt", "[UNK]\nthe\ncat\nthe\n");
  CHECK_THAT(problem_with(folder), Contains("vocab.txt:4:1: error: 'the' found, which line 2 is too"));
}

TEST_CASE("Stages that do not fit are refused, with what is expected") {
  CHECK_THAT(problem_with("qwen2", "decoder", R"({"type": "WordPiece"})"),
             Contains("decoder 'WordPiece' found, expected one of ByteLevel"));
  CHECK_THAT(
      problem_with("qwen2", "pre_tokenizer",
                   R"({"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}, {"type": "Digits"}]})"),
      Contains("ByteLevel stands before others"));
  CHECK_THAT(problem_with("qwen2", "pre_tokenizer", R"({"type": "Split", "pattern": {"Regex": "a(b"}})"),
             Contains("the regular expression 'a(b' is not understood at character 4"));
  CHECK_THAT(problem_with("qwen2", "pre_tokenizer", R"({"type": "Split", "pattern": {"Glob": "*"}})"),
             Contains("without 'String' and 'Regex'"));
  CHECK_THAT(problem_with("qwen2", "pre_tokenizer",
                          R"({"type": "Split", "pattern": {"String": "a"}, "behavior": "Lost"})"),
             Contains("'behavior' is 'Lost', expected Removed"));
  CHECK_THAT(problem_with("t5", "normalizer", R"({"type": "Precompiled", "precompiled_charsmap": "AAAA"})"),
             Contains("a normalization table of 3 bytes"));
  CHECK_THAT(problem_with("t5", "pre_tokenizer", R"({"type": "Metaspace", "prepend_scheme": "last"})"),
             Contains("'prepend_scheme' is 'last', expected always, first or never"));
  const std::string bert = R"({"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]})";
  CHECK_THAT(problem_with("bert", "post_processor",
                          R"({"type": "Sequence", "processors": [)" + bert + ", " + bert + "]}"),
             Contains("adds special tokens twice"));
}

TEST_CASE("A damaged SentencePiece model is refused or loads, and never crashes") {
  const std::string whole = read_file(kinds / "t5_model" / "spiece.model");
  std::mt19937 random(17);
  const TemporaryFolder folder;
  for (int i = 0; i < 400; ++i) {
    std::string damaged = whole;
    if (i % 2 == 0) {
      damaged.resize(random() % whole.size());
    } else {
      for (int change = 0; change < 3; ++change) {
        damaged[random() % whole.size()] = static_cast<char>(random());
      }
    }
    folder.write("spiece.model", damaged);
    try {
      load_tokenizer(folder.path())->encode("Is \ufb01ne, e\u0301 \u2460");
    } catch (const peft::Error& problem) {
      CHECK_THAT(problem.what(), Contains("spiece.model: error: "));
    }
  }
  folder.write("spiece.model", "not a model");
  CHECK_THAT(problem_with(folder), Contains("expected a SentencePiece model"));
}
