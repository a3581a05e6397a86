#include "ia3_method.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "peft/error.h"

namespace peft::ia3 {
namespace {

class OutputScale : public LinearAttachment {
 public:
  explicit OutputScale(at::Tensor vector) : vector_(std::move(vector)) {}

  at::Tensor output(const LinearCall&, const at::Tensor&, const at::Tensor& y) const override {
    return y * vector_;
  }

  bool fold(const LinearSite&, at::Tensor& weight, at::Tensor& bias) const override {
    weight = (weight * vector_.unsqueeze(1)).to(weight.scalar_type());
    if (bias.defined()) bias = (bias * vector_).to(bias.scalar_type());
    return true;
  }

 private:
  at::Tensor vector_;  // [size]
};

class InputScale : public LinearAttachment {
 public:
  explicit InputScale(at::Tensor vector) : vector_(std::move(vector)) {}

  bool changes_input() const override { return true; }
  at::Tensor input(const LinearCall&, const at::Tensor& x) const override { return x * vector_; }

  bool fold(const LinearSite&, at::Tensor& weight, at::Tensor&) const override {
    weight = (weight * vector_).to(weight.scalar_type());
    return true;
  }

 private:
  at::Tensor vector_;  // [in]
};

bool has_role(const Sites& sites, std::string_view role) {
  return std::ranges::any_of(sites.linears, [&](const LinearSite& site) {
    return site.role == role ||
           std::ranges::any_of(site.parts, [&](const LinearPart& part) { return part.role == role; });
  });
}

}  // namespace

const Options<Ia3Options>& ia3_options() {
  static const Options<Ia3Options> options = [] {
    Options<Ia3Options> table;
    table
        .add(
            "kind", &Ia3Options::kind,
            "what is scaled: keys, values and the feed-forward's hidden features, or what PEFT scales, which "
            "is queries too where the three are one weight",
            {"paper", "peft_compat"})
        .add("targets", &Ia3Options::targets,
             "roles or globs of linear sites whose outputs are scaled; absent: those of the kind")
        .add("feedforward", &Ia3Options::feedforward,
             "roles or globs of linear sites whose inputs are scaled; absent: mlp.out; empty: none");
    return table;
  }();
  return options;
}

// Cross-attention, where there is some, is scaled like self-attention.
std::vector<std::string> Ia3Method::output_roles(const Sites& sites) const {
  std::vector<std::string> roles;
  for (const std::string attention : {"attn", "cross"}) {
    if (options_.kind == "peft_compat" && has_role(sites, attention + ".qkv")) {
      roles.push_back(attention + ".qkv");
      continue;
    }
    for (const char* projection : {".k", ".v"}) {
      if (has_role(sites, attention + projection)) roles.push_back(attention + projection);
    }
  }
  return roles;
}

void Ia3Method::scale(Attacher& attacher, const std::vector<std::string>& patterns, bool of_input) {
  if (patterns.empty()) return;
  for (LinearTarget& target : attacher.sites().linear_targets(patterns)) {
    const auto same_site = [&](const Scale& other) { return other.target.site == target.site; };
    if (of_input && target.whole() && std::ranges::any_of(scales_, same_site)) {
      throw UsageError(
          "'feedforward' names '" + target.name +
          "', whose outputs 'targets' scales: a linear's input or its output is scaled; keep one");
    }
    Scale scale{.target = target,
                .of_input = of_input,
                .vector = attacher.tensor(target.name + ".scale", {of_input ? target.site->in : target.size},
                                          init::ones())};
    if (of_input) {
      attacher.attach(target, std::make_unique<InputScale>(scale.vector));
    } else {
      attacher.attach(target, std::make_unique<OutputScale>(scale.vector));
    }
    scales_.push_back(std::move(scale));
  }
}

void Ia3Method::attach(Attacher& attacher) {
  scale(attacher, options_.targets.value_or(output_roles(attacher.sites())), /*of_input=*/false);
  scale(attacher, options_.feedforward.value_or(std::vector<std::string>{"mlp.out"}), /*of_input=*/true);
  if (scales_.empty()) {
    throw UsageError("'targets' and 'feedforward' name nothing to scale; give at least one of them a role");
  }
}

void* Ia3Method::query(std::string_view wanted) noexcept {
  if (wanted == PeftFormat::id) return static_cast<PeftFormat*>(this);
  return wanted == PeftImport::id ? static_cast<PeftImport*>(this) : nullptr;
}

}  // namespace peft::ia3
