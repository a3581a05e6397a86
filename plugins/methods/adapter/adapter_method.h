// Bottleneck adapters: f(x) = s · (W_up σ(W_down x + b_down) + b_up), added to what a sub-layer y adds to the
// residual stream r. W_down [m, d], W_up [d, m].
//
//   houlsby   y + f(y), after attention and after the feed-forward (Houlsby et al. 2019, arXiv:1902.00751)
//   pfeiffer  y + f(r + y), after the feed-forward (Pfeiffer et al. 2021, arXiv:2005.00247)
//   parallel  y + f(r), beside the feed-forward (He et al. 2022, arXiv:2110.04366)
//
// What each reads in a model that normalises before its sub-layers is as in AdapterHub's library, `adapters`.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "adapter_options.h"
#include "peft/method.h"
#include "peft/peft_format.h"
#include "peft/peft_import.h"

namespace peft::adapter {

struct Bottleneck {
  at::Tensor down;       // [m, d]
  at::Tensor down_bias;  // [m]
  at::Tensor up;         // [d, m]
  at::Tensor up_bias;    // [d]
};

class AdapterMethod : public Method, public PeftFormat, public PeftImport {
 public:
  explicit AdapterMethod(AdapterOptions options) : options_(std::move(options)), design_(design(options_)) {}

  void attach(Attacher& attacher) override;
  void* query(std::string_view wanted) noexcept override;

  // AdapterHub's format; PEFT has no bottleneck adapters.
  bool reads(const std::string& peft_type) const override { return peft_type == "ADAPTERHUB"; }
  PeftFolder to_peft(const Model& model, const MethodInstance& instance) const override;
  void from_peft(const PeftFolder& folder, const Model& model, MethodInstance& instance) const override;
  Value options_of(const PeftFolder& folder, const Model& model) const override;

 private:
  struct Place {
    const ResidualSite* site;
    Bottleneck bottleneck;
  };

  // The folder's tensors for the adapter of that name, and what of ours each is.
  std::vector<PeftTensor> hub_tensors(const Model& model, const std::string& name) const;

  AdapterOptions options_;
  Design design_;
  std::vector<Place> places_;
};

}  // namespace peft::adapter
