#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "peft/options.h"

namespace peft::prefix {

struct PrefixOptions {
  int64_t tokens = 20;
  bool projection = false;
  std::optional<int64_t> projection_hidden;  // absent: the model's width
  std::string init = "random";
  std::optional<std::string> text;
  bool peft_compat = false;
};

const Options<PrefixOptions>& prefix_options();

}  // namespace peft::prefix
