// A vocabulary that can be read by eye.
#pragma once

#include <string>

#include "peft/value.h"
#include "tokenizer/byte_alphabet.h"

namespace peft::test {

// All single bytes by their own number, then "ab", "abc" and <|endoftext|>.
inline Value small_vocabulary() {
  Value vocabulary{Value::Map()};
  for (int byte = 0; byte < 256; ++byte) {
    vocabulary.set(host::token_of_bytes(std::string(1, static_cast<char>(byte))), byte);
  }
  vocabulary.set("ab", 256);
  vocabulary.set("abc", 257);
  vocabulary.set("<|endoftext|>", 258);
  return vocabulary;
}

}  // namespace peft::test
