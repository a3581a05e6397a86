// The options of bottleneck adapters, and what each kind makes of those that are left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "peft/options.h"

namespace peft::adapter {

struct AdapterOptions {
  std::string kind = "pfeiffer";
  std::optional<double> reduction_factor;
  std::optional<std::string> non_linearity;
  std::optional<double> scale;
  double dropout = 0.0;
  std::vector<std::string> leave_out;
};

const Options<AdapterOptions>& adapter_options();

// Where an adapter stands and what it reads, in the terms of ResidualStreams.
enum class Input {
  sublayer_output,  // houlsby: what the sub-layer has just made
  sum,              // pfeiffer: the stream with that added
  residual          // parallel: the stream as the sub-layer found it
};

// A kind, with nothing left open.
struct Design {
  Input input = Input::sum;
  bool after_attention = false;  // beside after the feed-forward
  bool starts_silent = false;    // W_up = 0; else all weights N(0, .02)
  double reduction_factor = 16;
  std::string non_linearity;
  double scale = 1.0;

  // Of the bottleneck, of a stream of `width`.
  int64_t bottleneck(int64_t width) const;
};

Design design(const AdapterOptions& options);

}  // namespace peft::adapter
