#include "tokenizer/decoders/word_piece_decoder.h"

#include "tokenizer/decoders/clean_up.h"

namespace peft::host {

void WordPieceDecoder::decode(std::vector<std::string>& tokens) const {
  bool first = true;
  for (std::string& token : tokens) {
    if (!first) {
      if (token.starts_with(prefix_)) {
        token.erase(0, prefix_.size());
      } else {
        token.insert(0, 1, ' ');
      }
    }
    if (cleanup_) clean_up_word_piece(token);
    first = false;
  }
}

}  // namespace peft::host
