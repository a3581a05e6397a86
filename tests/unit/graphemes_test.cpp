// Grapheme clusters, by the rules of Unicode's Annex 29.
#include "tokenizer/graphemes.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace {

std::string cut(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = peft::host::unicode::first_grapheme(text);
    shown.append(shown.empty() ? "" : "|").append(text.substr(0, length));
    text.remove_prefix(length);
  }
  return shown;
}

}  // namespace

TEST_CASE("A text is cut where its readers see characters end") {
  CHECK(cut("ab") == "a|b");
  CHECK(cut("e\u0301\u0323b") == "e\u0301\u0323|b");
  CHECK(cut("\u0301a") == "\u0301|a");
  CHECK(cut("\r\n\n\r\u0301") == "\r\n|\n|\r|\u0301");
  CHECK(cut("\u200b\u0301") == "\u200b|\u0301");              // a control character has no marks
  CHECK(cut("\u0600a\u0600\n") == "\u0600a|\u0600|\n");       // a sign that is written around what follows
  CHECK(cut("\u0915\u0903\u0915") == "\u0915\u0903|\u0915");  // a mark that takes its own space
}

TEST_CASE("Korean syllables are one character, also where they are written in their letters") {
  CHECK(cut("\u1112\u1161\u11ab\ud55c") == "\u1112\u1161\u11ab|\ud55c");
  CHECK(cut("\uac00\u11a8\u1161") == "\uac00\u11a8|\u1161");
  CHECK(cut("\uac01\u11a8\u1100\uac01") == "\uac01\u11a8|\u1100\uac01");
  CHECK(cut("\uac01\u1161") == "\uac01|\u1161");
}

TEST_CASE("Pictographs are joined by joiners, halves of flags in pairs") {
  const std::string family = "\U0001f469\u200d\U0001f469\u200d\U0001f467";
  CHECK(cut(family + family) == family + "|" + family);
  CHECK(cut("\u2764\ufe0f\u200d\U0001f525") == "\u2764\ufe0f\u200d\U0001f525");
  CHECK(cut("a\u200d\u2764") == "a\u200d|\u2764");
  CHECK(cut("\u2764\u0903\u200d\u2764") == "\u2764\u0903\u200d|\u2764");
  const std::string a = "\U0001f1e6", b = "\U0001f1e7";
  CHECK(cut(a + b + a + b + a) == a + b + "|" + a + b + "|" + a);
}

TEST_CASE("Consonants are joined where a virama links them") {
  CHECK(cut("\u0915\u094d\u0937") == "\u0915\u094d\u0937");
  CHECK(cut("\u0915\u094d\u200d\u0937") == "\u0915\u094d\u200d\u0937");
  CHECK(cut("\u0915\u094d\u200c\u0937") == "\u0915\u094d\u200c|\u0937");
  CHECK(cut("\u0915\u093c\u0937") == "\u0915\u093c|\u0937");
  CHECK(cut("a\u094d\u0937") == "a\u094d|\u0937");
}

TEST_CASE("Marks of the Unicode that tokenizers knows are marks, whatever is installed") {
  CHECK(cut("\u00e9\u1ad6") == "\u00e9\u1ad6");  // assigned in Unicode 17.0
}
