#include "first_sentences.h"

#include <algorithm>

namespace peft::imdb {
namespace {

constexpr std::string_view white = " \t\r\n";

bool ends_sentence(std::string_view word) {
  const size_t last = word.find_last_not_of("\"')]");
  return last != std::string_view::npos && std::string_view(".!?").find(word[last]) != std::string_view::npos;
}

}  // namespace

std::string_view first_sentences(std::string_view text, int64_t max_words) {
  size_t words_end = 0;
  size_t sentence_end = 0;
  for (int64_t words = 0;; ++words) {
    const size_t begin = text.find_first_not_of(white, words_end);
    if (begin == std::string_view::npos) return text;
    if (words == max_words) break;
    words_end = std::min(text.find_first_of(white, begin), text.size());
    if (ends_sentence(text.substr(begin, words_end - begin))) sentence_end = words_end;
  }
  return text.substr(0, sentence_end > 0 ? sentence_end : words_end);
}

}  // namespace peft::imdb
