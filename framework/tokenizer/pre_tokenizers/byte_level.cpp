#include "tokenizer/pre_tokenizers/byte_level.h"

#include "tokenizer/pre_tokenizers/gpt2_pattern.h"

namespace peft::host {

void ByteLevel::pre_tokenize(Words& words) const {
  if (add_prefix_space_) {
    words.rewrite(1, [](std::string_view word, std::string& text) {
      if (word.front() != ' ') text.push_back(' ');
      text.append(word);
    });
  }
  if (!use_regex_) return;
  words.split([](std::string_view text, auto emit) {
    while (!text.empty()) {
      const std::size_t length = first_gpt2_word(text);
      emit(text.substr(0, length));
      text.remove_prefix(length);
    }
  });
}

}  // namespace peft::host
