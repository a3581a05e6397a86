// Texts before which an answer ends.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "peft/text_codec.h"

namespace peft::host {

class StopTexts {
 public:
  // The codec must outlive this. Empty texts are refused.
  StopTexts(const TextCodec& codec, std::vector<std::string> texts);

  // Whether one of them stands in the answer, for GenerationCallbacks::ends; none where there are no texts.
  std::function<bool(const std::vector<int64_t>& answer)> ends() const;
  // The answer up to the first of them.
  std::string cut(std::string answer) const;
  // How much of the end of a text might be the beginning of one of them.
  size_t uncertain(std::string_view answer) const;

 private:
  size_t first_in(std::string_view answer) const;  // npos: none

  const TextCodec& codec_;
  std::vector<std::string> texts_;
};

}  // namespace peft::host
