// The first stage: a text as the model is to see it. Named as in Hugging Face's tokenizers.
#pragma once

#include <memory>
#include <string>

#include "peft/value.h"

namespace peft::host {

// Immutable; any thread.
class Normalizer {
 public:
  Normalizer() = default;
  Normalizer(const Normalizer&) = delete;
  Normalizer& operator=(const Normalizer&) = delete;
  virtual ~Normalizer();

  // Changes `text`, which is well-formed UTF-8 and stays so.
  virtual void normalize(std::string& text) const = 0;
};

// As tokenizer.json describes it; null for null. Throws peft::Error for what is not known.
std::unique_ptr<Normalizer> make_normalizer(const Value& description);

}  // namespace peft::host
