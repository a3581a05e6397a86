// Scaling and shifting features (SSF; Lian et al. 2022, arXiv:2210.08565): what a linear layer gives, times a
// learned scale, plus a learned shift: y' = γ ⊙ y + β. It is a linear layer again, so it merges into the
// base.
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "peft/plugin.h"
#include "peft/random.h"

namespace {

struct SsfOptions {
  double spread = 0.02;
  std::vector<std::string> targets = {"attn.qkv", "attn.out", "mlp.in", "mlp.out"};
};

peft::Options<SsfOptions> ssf_options() {
  peft::Options<SsfOptions> options;
  options.add("spread", &SsfOptions::spread,
              "how scales and shifts start: N(1, spread²) and N(0, spread²); 0: as the base",
              peft::at_least(0));
  options.add("targets", &SsfOptions::targets, "roles of linear sites, or globs on their names");
  return options;
}

class ScaleAndShift : public peft::LinearAttachment {
 public:
  ScaleAndShift(at::Tensor scale, at::Tensor shift) : scale_(std::move(scale)), shift_(std::move(shift)) {}

  // y [M, size]
  at::Tensor output(const peft::LinearCall&, const at::Tensor&, const at::Tensor& y) const override {
    return y * scale_ + shift_;
  }

  // weight [size, in], bias [size] or undefined. Computed in the wider of the types, rounded to the weight's
  // own once.
  bool fold(const peft::LinearSite&, at::Tensor& weight, at::Tensor& bias) const override {
    const at::Tensor shifted = bias.defined() ? bias * scale_ + shift_ : shift_;
    weight = (weight * scale_.unsqueeze(1)).to(weight.scalar_type());
    bias = shifted.to(weight.scalar_type());
    return true;
  }

 private:
  at::Tensor scale_;  // γ [size]
  at::Tensor shift_;  // β [size]
};

class Ssf : public peft::Method {
 public:
  explicit Ssf(SsfOptions options) : options_(std::move(options)) {}

  void attach(peft::Attacher& attacher) override {
    const auto around = [&](double mean) -> peft::Init {
      return [mean, spread = options_.spread](at::Tensor& tensor, const peft::RandomStream& stream) {
        peft::fill_normal(tensor, mean, spread, stream);
      };
    };
    for (const peft::LinearTarget& target : attacher.sites().linear_targets(options_.targets)) {
      const at::Tensor scale = attacher.tensor(target.name + ".scale", {target.size}, around(1.0));
      const at::Tensor shift = attacher.tensor(target.name + ".shift", {target.size}, around(0.0));
      attacher.attach(target, std::make_unique<ScaleAndShift>(scale, shift));
    }
  }

 private:
  SsfOptions options_;
};

void register_ssf(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{.name = "ssf",
                                      .summary = "a learned scale and shift of what linear layers give",
                                      .paper = "Lian et al. 2022, arXiv:2210.08565",
                                      .options = ssf_options().table(),
                                      .create = [](const peft::Value& options) {
                                        return std::make_unique<Ssf>(ssf_options().read(options));
                                      }});
}

}  // namespace

PEFT_PLUGIN("ssf", PEFT_PLUGIN_VERSION, register_ssf)
