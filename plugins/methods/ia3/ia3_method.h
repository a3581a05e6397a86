// (IA)³ (Liu et al. 2022, arXiv:2205.05638): keys, values and the feed-forward's hidden features, each
// multiplied by a learned vector that starts at ones. k ⊙ l_k, v ⊙ l_v, W₂ (l_ff ⊙ act(W₁ x)).
//
// `peft_compat` is what Hugging Face PEFT makes of it: where queries, keys and values are one fused weight,
// all of its outputs are scaled, queries too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "peft/method.h"
#include "peft/options.h"
#include "peft/peft_format.h"
#include "peft/peft_import.h"

namespace peft::ia3 {

struct Ia3Options {
  std::string kind = "paper";
  std::optional<std::vector<std::string>> targets;      // absent: those of the kind
  std::optional<std::vector<std::string>> feedforward;  // absent: mlp.out
};

const Options<Ia3Options>& ia3_options();

class Ia3Method : public Method, public PeftFormat, public PeftImport {
 public:
  explicit Ia3Method(Ia3Options options) : options_(std::move(options)) {}

  void attach(Attacher& attacher) override;
  void* query(std::string_view wanted) noexcept override;

  bool reads(const std::string& peft_type) const override { return peft_type == "IA3"; }
  PeftFolder to_peft(const Model& model, const MethodInstance& instance) const override;
  void from_peft(const PeftFolder& folder, const Model& model, MethodInstance& instance) const override;
  Value options_of(const PeftFolder& folder, const Model& model) const override;

 private:
  // The vector of one target: [size] for its outputs, [in] for its inputs.
  struct Scale {
    LinearTarget target;
    bool of_input;
    at::Tensor vector;
  };
  // The scales of one site, which is one module in PEFT: of the whole of it, or of slices.
  using ModuleScales = std::vector<const Scale*>;

  std::vector<std::string> output_roles(const Sites& sites) const;
  void scale(Attacher& attacher, const std::vector<std::string>& patterns, bool of_input);
  std::vector<ModuleScales> modules() const;

  Ia3Options options_;
  std::vector<Scale> scales_;
};

}  // namespace peft::ia3
