// Byte-level BPE: GPT-2's tokenizer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tokenizer/added_tokens.h"
#include "tokenizer/tokenizer.h"

namespace peft::host {

// What a folder says about such a tokenizer, whichever files it says it in.
struct ByteLevelBpeDefinition {
  std::vector<std::pair<std::string, std::int64_t>>
      vocabulary;                                           // entries in the byte alphabet, and their ids
  std::vector<std::pair<std::string, std::string>> merges;  // by falling priority
  std::vector<AddedToken> added_tokens;
  bool add_prefix_space = false;  // every stretch of text between added tokens begins with a space
  std::optional<std::string> end_of_text;
  std::string vocabulary_file;  // for messages
  std::string merges_file;
};

// Throws peft::Error naming the file that contradicts itself or the other one.
std::unique_ptr<Tokenizer> make_byte_level_bpe(const ByteLevelBpeDefinition& definition);

}  // namespace peft::host
