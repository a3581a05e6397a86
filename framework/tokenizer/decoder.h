// From tokens back to text. Named as in Hugging Face's tokenizers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "peft/value.h"

namespace peft::host {

// Immutable; any thread.
class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder();

  // Changes the tokens, or makes them fewer; end to end they are the text.
  virtual void decode(std::vector<std::string>& tokens) const = 0;

  // Whether what this token becomes may depend on those after it: a byte of a character.
  virtual bool depends_on_next(const std::string& token) const;
};

// As tokenizer.json describes it; for null the tokens with a space between them. Not for ByteLevel, whose
// tokens are bytes. Throws peft::Error for what is not known.
std::unique_ptr<Decoder> make_decoder(const Value& description);

}  // namespace peft::host
