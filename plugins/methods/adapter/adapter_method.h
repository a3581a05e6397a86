// Bottleneck adapters: f(x) = s · (W_up σ(W_down x + b_down) + b_up), added to what a sub-layer y adds to the
// residual stream r. W_down [m, d], W_up [d, m].
//
//   houlsby   y + f(y), after attention and after the feed-forward (Houlsby et al. 2019, arXiv:1902.00751)
//   pfeiffer  y + f(r + y), after the feed-forward (Pfeiffer et al. 2021, arXiv:2005.00247)
//   parallel  y + f(r), beside the feed-forward (He et al. 2022, arXiv:2110.04366)
//
// What each reads in a model that normalises before its sub-layers is as in AdapterHub's library, `adapters`.
#pragma once

#include <utility>

#include "adapter_options.h"
#include "peft/method.h"

namespace peft::adapter {

class AdapterMethod : public Method {
 public:
  explicit AdapterMethod(AdapterOptions options) : options_(std::move(options)) {}
  void attach(Attacher& attacher) override;

 private:
  AdapterOptions options_;
};

}  // namespace peft::adapter
