#include "vera_method.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

#include "peft/error.h"
#include "projections.h"

namespace peft::vera {
namespace {

class VeraAttachment : public LinearAttachment {
 public:
  // `a` and `b` are the site's own parts of what is shared.
  VeraAttachment(at::Tensor a, at::Tensor b, at::Tensor scale_d, at::Tensor scale_b, double dropout,
                 std::string stream)
      : a_(std::move(a)),
        b_(std::move(b)),
        scale_d_(std::move(scale_d)),
        scale_b_(std::move(scale_b)),
        dropout_(dropout),
        stream_(std::move(stream)) {}

  at::Tensor output(const LinearCall& call, const at::Tensor& x, const at::Tensor& y) const override {
    const at::Tensor inner = call.forward.dropout(x, dropout_, stream_, call.rows).matmul(a_.t());
    return y + scale_b_ * (scale_d_ * inner).matmul(b_.t());
  }

  bool fold(const LinearSite&, at::Tensor& weight, at::Tensor&) const override {
    const at::Tensor delta = (scale_b_.unsqueeze(1) * b_).matmul(scale_d_.unsqueeze(1) * a_);
    // Added in the wider of the two types, rounded to the weight's own once.
    weight = weight.add(delta).to(weight.scalar_type());
    return true;
  }

 private:
  at::Tensor a_;        // [rank, in]
  at::Tensor b_;        // [size, rank]
  at::Tensor scale_d_;  // [rank]
  at::Tensor scale_b_;  // [size]
  double dropout_;
  std::string stream_;
};

}  // namespace

const Options<VeraOptions>& vera_options() {
  static const Options<VeraOptions> options = [] {
    Options<VeraOptions> table;
    table.add("rank", &VeraOptions::rank, "rank r of the shared random matrices", at_least(1))
        .add("dropout", &VeraOptions::dropout, "share of the update's inputs dropped in training",
             from_up_to_below(0, 1))
        .add("d_initial", &VeraOptions::d_initial, "what every element of λ_d starts as; λ_b starts at zero")
        .add("projection_prng_key", &VeraOptions::projection_prng_key,
             "what the random matrices are drawn from: the same key gives Hugging Face PEFT's", at_least(0))
        .add("save_projection", &VeraOptions::save_projection,
             "keep the random matrices in checkpoints and adapters; else they are drawn again from the key")
        .add("targets", &VeraOptions::targets, "roles of linear sites, or globs on their names");
    return table;
  }();
  return options;
}

void VeraMethod::make_projections(Attacher& attacher) {
  int64_t in = 0;
  int64_t out = 0;
  for (const Scales& scales : scales_) {
    in = std::max(in, scales.target.site->in);
    out = std::max(out, scales.target.site->out);
  }
  Projections drawn;
  if (!attacher.shapes_only()) drawn = draw_projections(options_.rank, in, out, options_.projection_prng_key);
  const auto make = [&](const char* name, std::vector<int64_t> shape, const at::Tensor& values) {
    if (options_.save_projection) {
      return attacher.tensor(name, std::move(shape), init::copy_of([&] { return values; }),
                             {.trained = false});
    }
    const at::TensorOptions options = scales_.front().d.options().requires_grad(false);
    return values.defined() ? values.to(options) : at::empty(shape, options);
  };
  a_ = make("A", {options_.rank, in}, drawn.a);
  b_ = make("B", {out, options_.rank}, drawn.b);
}

void VeraMethod::attach(Attacher& attacher) {
  for (const LinearTarget& target : attacher.sites().linear_targets(options_.targets)) {
    scales_.push_back(
        {.target = target,
         .d = attacher.tensor(target.name + ".lambda_d", {options_.rank}, init::constant(options_.d_initial)),
         .b = attacher.tensor(target.name + ".lambda_b", {target.size}, init::zeros())});
  }
  make_projections(attacher);
  for (const Scales& scales : scales_) {
    const LinearTarget& target = scales.target;
    attacher.attach(target, std::make_unique<VeraAttachment>(
                                a_.narrow(1, 0, target.site->in), b_.narrow(0, target.begin, target.size),
                                scales.d, scales.b, options_.dropout, attacher.name() + "/" + target.name));
  }
}

void* VeraMethod::query(std::string_view wanted) noexcept {
  if (wanted == PeftFormat::id) return static_cast<PeftFormat*>(this);
  return wanted == PeftImport::id ? static_cast<PeftImport*>(this) : nullptr;
}

}  // namespace peft::vera
