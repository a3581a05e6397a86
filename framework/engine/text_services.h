// What methods may ask of texts while they start: the tokeniser, and the frozen base's keys and values.
#pragma once

#include <cstdint>
#include <vector>

#include "peft/method.h"

namespace peft::host {

class BaseTextServices : public TextServices {
 public:
  // Both must outlive this.
  BaseTextServices(Model& model, const TextCodec& codec) : model_(model), codec_(codec) {}

  const TextCodec& codec() const override { return codec_; }
  std::vector<KeysValues> keys_values(const std::vector<int64_t>& ids) override;

 private:
  Model& model_;
  const TextCodec& codec_;
};

}  // namespace peft::host
