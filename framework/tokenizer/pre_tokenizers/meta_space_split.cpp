#include "tokenizer/pre_tokenizers/meta_space_split.h"

namespace peft::host {

void MetaSpaceSplit::pre_tokenize(Words& words) const {
  const std::string& mark = form_.replacement;
  words.rewrite(mark.size(), [&](std::string_view word, std::string& text) {
    const bool wanted = form_.prepend == MetaSpace::Prepend::always ||
                        (form_.prepend == MetaSpace::Prepend::first && words.begins_text(word));
    if (wanted && !word.starts_with(' ') && !word.starts_with(mark)) text.append(mark);
    for (const char byte : word) {
      if (byte == ' ') {
        text.append(mark);
      } else {
        text.push_back(byte);
      }
    }
  });
  if (!form_.split) return;
  words.split([&](std::string_view text, auto emit) {
    while (!text.empty()) {
      const std::string_view word = text.substr(0, text.find(mark, 1));
      emit(word);
      text.remove_prefix(word.size());
    }
  });
}

}  // namespace peft::host
