#include "tokenizer/pre_tokenizers/bert_pre_tokenizer.h"

#include "tokenizer/character_classes.h"
#include "tokenizer/unicode_classes.h"
#include "tokenizer/utf8_characters.h"

namespace peft::host {

void BertPreTokenizer::pre_tokenize(Words& words) const {
  const auto& classes = unicode::CharacterClasses::get();
  words.split([&](std::string_view text, auto emit) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size();) {
      const auto [code, length] = unicode::decode_first(text.substr(i));
      const bool space = unicode::class_of(code) == unicode::Class::white_space;
      if (space || classes.has(code, unicode::CharacterClasses::punctuation)) {
        emit(text.substr(begin, i - begin));
        if (!space) emit(text.substr(i, length));
        begin = i + length;
      }
      i += length;
    }
    emit(text.substr(begin));
  });
}

}  // namespace peft::host
