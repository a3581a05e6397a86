// One prefix: the learned keys and values of some attention sites.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "peft/method.h"
#include "prefix_options.h"

namespace peft::prefix {

// Flat: P [n, 2·L·kv] directly. Projected: P = tanh(E W₁ᵀ + b₁) W₂ᵀ + b₂ with E [n, d], W₁ [h, d], W₂
// [2·L·kv, h]. P is read as [n, 2L, key/value heads, head size]; the keys of the group's site l are slot 2l,
// its values slot 2l + 1, as in Hugging Face PEFT.
class PrefixGroup {
 public:
  // `stem` is put before the tensors' names. The sites are of one shape.
  PrefixGroup(std::vector<AttentionSite*> sites, std::string stem)
      : sites_(std::move(sites)), stem_(std::move(stem)) {}
  PrefixGroup(const PrefixGroup&) = delete;
  PrefixGroup& operator=(const PrefixGroup&) = delete;

  // Declares the tensors and attaches to the sites. The group must then stay where it is.
  void attach(Attacher& attacher, const PrefixOptions& options);

  // P, differentiable.
  at::Tensor flat() const;
  // The tensor it is itself; undefined where it is projected.
  const at::Tensor& stored() const { return prefix_; }
  int64_t layers() const { return static_cast<int64_t>(sites_.size()); }

 private:
  Init flat_init(Attacher& attacher, const PrefixOptions& options) const;
  void declare_projection(Attacher& attacher, const PrefixOptions& options, int64_t width);

  std::vector<AttentionSite*> sites_;
  std::string stem_;
  at::Tensor prefix_;     // flat; undefined where projected
  at::Tensor embedding_;  // of the projection, and its two layers
  at::Tensor weight_in_, bias_in_, weight_out_, bias_out_;
};

}  // namespace peft::prefix
