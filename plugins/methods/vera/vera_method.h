// Vector-based random matrix adaptation (Kopiczko et al. 2023, arXiv:2310.11454):
// y = base(x) + λ_b ⊙ (B (λ_d ⊙ (A dropout(x)))).
//
// A [rank, widest in] and B [widest out, rank] are random, frozen and shared by all sites; a site uses A's
// first `in` columns and the rows of B that are its outputs. A site trains λ_d [rank] and λ_b [out] alone.
#pragma once

#include <string>
#include <vector>

#include "peft/method.h"
#include "peft/peft_format.h"
#include "peft/peft_import.h"
#include "vera_options.h"

namespace peft::vera {

class VeraMethod : public Method, public PeftFormat, public PeftImport {
 public:
  explicit VeraMethod(VeraOptions options) : options_(std::move(options)) {}

  void attach(Attacher& attacher) override;
  void* query(std::string_view wanted) noexcept override;

  bool reads(const std::string& peft_type) const override { return peft_type == "VERA"; }
  PeftFolder to_peft(const Model& model, const MethodInstance& instance) const override;
  void from_peft(const PeftFolder& folder, const Model& model, MethodInstance& instance) const override;
  Value options_of(const PeftFolder& folder, const Model& model) const override;

 private:
  // What is trained at one target.
  struct Scales {
    LinearTarget target;
    at::Tensor d;  // [rank]
    at::Tensor b;  // [size]
  };
  void make_projections(Attacher& attacher);

  VeraOptions options_;
  std::vector<Scales> scales_;
  at::Tensor a_;
  at::Tensor b_;
};

}  // namespace peft::vera
