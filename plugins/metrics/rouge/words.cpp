#include "words.h"

#include <utility>

#include "porter_stemmer.h"

namespace peft::rouge {
namespace {

// Characters beyond ASCII that become ASCII letters in lower case, as Python has it.
constexpr std::string_view kelvin_sign = "\u212a";       // k
constexpr std::string_view dotted_capital_i = "\u0130";  // i and a combining dot, which ends the word

}  // namespace

Words words_of(std::string_view text, bool stem) {
  Words words;
  std::string word;
  const auto end_word = [&] {
    if (word.empty()) return;
    words.push_back(stem && word.size() > 3 ? porter_stem(word) : std::move(word));
    word.clear();
  };
  while (!text.empty()) {
    const char byte = text.front();
    size_t length = 1;
    if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9')) {
      word.push_back(byte);
    } else if (byte >= 'A' && byte <= 'Z') {
      word.push_back(static_cast<char>(byte - 'A' + 'a'));
    } else if (text.starts_with(kelvin_sign)) {
      word.push_back('k');
      length = kelvin_sign.size();
    } else {
      if (text.starts_with(dotted_capital_i)) word.push_back('i');
      end_word();
    }
    text.remove_prefix(length);
  }
  end_word();
  return words;
}

}  // namespace peft::rouge
