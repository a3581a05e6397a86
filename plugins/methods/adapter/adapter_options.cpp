#include "adapter_options.h"

#include <algorithm>

namespace peft::adapter {
namespace {

Design defaults(const std::string& kind) {
  if (kind == "houlsby") {
    return {.input = Input::sublayer_output, .after_attention = true, .non_linearity = "swish"};
  }
  if (kind == "parallel") {
    return {.input = Input::residual,
            .starts_silent = true,
            .reduction_factor = 2,
            .non_linearity = "relu",
            .scale = 4.0};
  }
  return {.input = Input::sum, .non_linearity = "relu"};
}

}  // namespace

int64_t Design::bottleneck(int64_t width) const {
  return std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(width) / reduction_factor));
}

Design design(const AdapterOptions& options) {
  Design result = defaults(options.kind);
  result.reduction_factor = options.reduction_factor.value_or(result.reduction_factor);
  result.non_linearity = options.non_linearity.value_or(result.non_linearity);
  result.scale = options.scale.value_or(result.scale);
  return result;
}

const Options<AdapterOptions>& adapter_options() {
  static const Options<AdapterOptions> options = [] {
    Options<AdapterOptions> table;
    table
        .add("kind", &AdapterOptions::kind,
             "pfeiffer: after the feed-forward; houlsby: after attention too; parallel: beside the "
             "feed-forward",
             {"pfeiffer", "houlsby", "parallel"})
        .add("reduction_factor", &AdapterOptions::reduction_factor,
             "the model's width over the bottleneck's; absent: 16, parallel: 2", above(0))
        .add("non_linearity", &AdapterOptions::non_linearity,
             "between the two projections; absent: relu, houlsby: swish; one of relu, swish, gelu, gelu_new, "
             "tanh, sigmoid, leakyrelu")
        .add("scale", &AdapterOptions::scale, "what an adapter adds is scaled by it; absent: 1, parallel: 4")
        .add("dropout", &AdapterOptions::dropout, "share of what an adapter adds that is dropped in training",
             from_up_to_below(0, 1))
        .add("leave_out", &AdapterOptions::leave_out,
             "globs on the places that get no adapter: `h.0.**`, `h.*.attn.residual`");
    return table;
  }();
  return options;
}

}  // namespace peft::adapter
