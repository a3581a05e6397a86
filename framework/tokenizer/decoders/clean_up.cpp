#include "tokenizer/decoders/clean_up.h"

namespace peft::host {
namespace {

void replace_all(std::string& text, std::string_view found, std::string_view by) {
  for (std::size_t at = text.find(found); at != std::string::npos; at = text.find(found, at + by.size())) {
    text.replace(at, found.size(), by);
  }
}

void clean_up_to_contractions(std::string& text) {
  for (const std::string_view mark : {" .", " ?", " !", " ,"}) replace_all(text, mark, mark.substr(1));
  replace_all(text, " ' ", "'");
  replace_all(text, " n't", "n't");
  replace_all(text, " 'm", "'m");
}

void clean_up_endings(std::string& text) {
  for (const std::string_view ending : {" 's", " 've", " 're"}) {
    replace_all(text, ending, ending.substr(1));
  }
}

}  // namespace

void clean_up_tokenization(std::string& text) {
  clean_up_to_contractions(text);
  clean_up_endings(text);
}

// All that is looked for begins with a space and has no other, but for " ' ".
std::size_t cleaned_up_prefix(std::string_view text) {
  for (std::size_t end = text.rfind(' '); end != std::string_view::npos && end > 0;
       end = text.rfind(' ', end - 1)) {
    if (text[end - 1] != '\'') return end;
  }
  return 0;
}

void clean_up_word_piece(std::string& token) {
  clean_up_to_contractions(token);
  replace_all(token, " do not", " don't");
  clean_up_endings(token);
}

}  // namespace peft::host
