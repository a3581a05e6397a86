// Partial freezing: the last blocks are trained, everything before them stays as it is. Optionally the final
// norm, the embeddings, the head, and whatever globs name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "peft/method.h"
#include "peft/options.h"

namespace peft::freeze {

struct FreezeOptions {
  int64_t layers = 1;
  bool final_norm = false;
  bool embeddings = false;
  bool head = false;
  std::vector<std::string> targets;
};

const Options<FreezeOptions>& freeze_options();

// The block a parameter is in, read from its name, which is that of Hugging Face's layout in every family:
// "transformer.h.3.ln_1.weight" is in block 3 of the stack "transformer.h".
struct Block {
  std::string stack;
  int64_t index;
};
std::optional<Block> block_of(std::string_view parameter);

class FreezeMethod : public Method {
 public:
  explicit FreezeMethod(FreezeOptions options) : options_(std::move(options)) {}
  void attach(Attacher& attacher) override;

 private:
  FreezeOptions options_;
};

}  // namespace peft::freeze
