#include "biases.h"

#include <ATen/ops/slice_scatter.h>

#include <memory>
#include <utility>

#include "peft/error.h"

namespace peft::lora {
namespace {

class Override : public ParameterAttachment {
 public:
  explicit Override(TrainedBias bias) : bias_(std::move(bias)) {}
  at::Tensor value(const at::Tensor& base) const override { return bias_.within(base); }

 private:
  TrainedBias bias_;
};

}  // namespace

at::Tensor TrainedBias::within(const at::Tensor& base) const {
  if (tensor.size(0) == base.size(0)) return tensor;
  return at::slice_scatter(base.to(tensor.scalar_type()), tensor, 0, begin, begin + tensor.size(0));
}

std::vector<TrainedBias> train_biases(Attacher& attacher, const std::string& which,
                                      const std::vector<LinearTarget>& targets, double learning_rate_scale) {
  std::vector<TrainedBias> biases;
  const auto train = [&](const std::string& name, ParameterSite& site, int64_t begin, int64_t size) {
    const Init start = init::copy_of([&] { return site.tensor.narrow(0, begin, size); });
    const at::Tensor tensor = attacher.tensor(
        name, {size}, start, {.decays = site.decays(), .learning_rate_scale = learning_rate_scale});
    biases.push_back({.site = &site, .begin = begin, .tensor = tensor});
    attacher.attach(site, std::make_unique<Override>(biases.back()));
  };
  if (which == "lora_only") {
    for (const LinearTarget& target : targets) {
      if (target.site->bias == nullptr) continue;
      train(target.name + ".bias", *target.site->bias, target.begin, target.size);
    }
  } else if (which == "all") {
    for (ParameterSite* site : attacher.sites().parameter_targets({"**"})) {
      if (site->role == ParameterRole::bias) train(site->name, *site, 0, site->tensor.size(0));
    }
  }
  if (biases.empty() && which != "none") {
    throw UsageError("'bias': found '" + which + "', but " +
                     (which == "all" ? "the model" : "what 'targets' names") +
                     " has no bias; set it to none");
  }
  return biases;
}

}  // namespace peft::lora
