// A starter method: adds a rank-one update to linear layers, W' = W + scale · b aᵀ.
#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "peft/plugin.h"

namespace {

// What can be set in a recipe: `- rank_one: {scale: 2.0, targets: [attn.q]}`.
struct RankOneOptions {
  double scale = 1.0;
  std::vector<std::string> targets = {"attn.qkv"};
};

peft::Options<RankOneOptions> rank_one_options() {
  peft::Options<RankOneOptions> options;
  options.add("scale", &RankOneOptions::scale, "factor of the update", peft::above(0));
  options.add("targets", &RankOneOptions::targets, "roles or globs of linear sites");
  return options;
}

// The update at one site (or at a slice of a fused one).
class RankOneDelta : public peft::LinearAttachment {
 public:
  RankOneDelta(at::Tensor a, at::Tensor b, double scale)
      : a_(std::move(a)), b_(std::move(b)), scale_(scale) {}

  // x [M, in], y [M, size]
  at::Tensor output(const peft::LinearCall&, const at::Tensor& x, const at::Tensor& y) const override {
    return y.add(x.matmul(a_).outer(b_), scale_);
  }

  // The same on the weight [size, in], so that the method can be merged into the base.
  bool fold(const peft::LinearSite&, at::Tensor& weight, at::Tensor&) const override {
    // Added in the wider of the two types, rounded to the weight's own once.
    weight = weight.add(b_.outer(a_), scale_).to(weight.scalar_type());
    return true;
  }

 private:
  at::Tensor a_;  // [in]
  at::Tensor b_;  // [size]
  double scale_;
};

class RankOne : public peft::Method {
 public:
  explicit RankOne(RankOneOptions options) : options_(std::move(options)) {}

  void attach(peft::Attacher& attacher) override {
    for (const peft::LinearTarget& target : attacher.sites().linear_targets(options_.targets)) {
      // b starts at zero, so that the tuned model starts as the base.
      const at::Tensor a = attacher.tensor(target.name + ".a", {target.site->in}, peft::init::normal(0.02));
      const at::Tensor b = attacher.tensor(target.name + ".b", {target.size}, peft::init::zeros());
      attacher.attach(target, std::make_unique<RankOneDelta>(a, b, options_.scale));
    }
  }

 private:
  RankOneOptions options_;
};

void register_rank_one(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{.name = "rank_one",
                                      .summary = "a rank-one update of linear layers",
                                      .paper = "",
                                      .options = rank_one_options().table(),
                                      .create = [](const peft::Value& options) {
                                        return std::make_unique<RankOne>(rank_one_options().read(options));
                                      }});
}

}  // namespace

PEFT_PLUGIN("rank_one", PEFT_PLUGIN_VERSION, register_rank_one)
