// Tokens that stand in the text as themselves and are found before it is cut into words: <|endoftext|> and
// its like.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace peft::host {

// As in tokenizer.json's `added_tokens`.
struct AddedToken {
  std::int64_t id = 0;
  std::string content;       // never empty
  bool special = false;      // left out by decode(…, skip_special), and plain text for encode_ordinary
  bool lstrip = false;       // swallows the white space before it
  bool rstrip = false;       // swallows the white space after it
  bool normalized = false;   // looked for after the others, in what they left, once that is normalized
  bool single_word = false;  // only where no letter, digit or underscore stands beside it
};

// The one with this content, or null.
AddedToken* find_added_token(std::vector<AddedToken>& tokens, std::string_view content);

// Finds added tokens as Hugging Face's tokenizers do: leftmost first, the longest of those that begin there.
class AddedTokenFinder {
 public:
  struct Match {
    const AddedToken* token = nullptr;  // null: none
    std::size_t begin = 0;              // white space that it swallows included
    std::size_t end = 0;
  };
  enum class Special { recognised, plain_text };

  explicit AddedTokenFinder(std::vector<AddedToken> tokens);

  // The first match in `text` at or after `from`; all that lies between them is ordinary text.
  Match find(std::string_view text, std::size_t from, Special special) const;

 private:
  const AddedToken* longest_at(std::string_view text, std::size_t position) const;

  std::vector<AddedToken> tokens_;  // longest first
  std::array<bool, 256> begins_{};  // whether a token begins with this byte
};

}  // namespace peft::host
