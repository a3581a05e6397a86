// Adaptive low-rank adaptation (Zhang et al. 2023, arXiv:2303.10512): y = base(x) + s · B (Λ ⊙ A) dropout(x)
// with A [init_r, in], the diagonal Λ [init_r, 1] and B [out, init_r]; A's rows and B's columns are kept
// orthogonal by a penalty. While it trains, the ranks that matter least over all sites lose their Λ, until
// `target_r` a site are left on average.
//
// As Hugging Face PEFT computes it, told of each step, from 1, right after its update.
#pragma once

#include <string>
#include <vector>

#include "adalora_options.h"
#include "importance.h"
#include "peft/method.h"
#include "peft/peft_format.h"
#include "peft/peft_import.h"
#include "peft/training_hooks.h"
#include "rank_schedule.h"

namespace peft::adalora {

class AdaLoraMethod : public Method, public TrainingHooks, public PeftFormat, public PeftImport {
 public:
  explicit AdaLoraMethod(AdaLoraOptions options) : options_(std::move(options)) {}

  void attach(Attacher& attacher) override;
  void* query(std::string_view wanted) noexcept override;

  void begin(int64_t total_steps) override;
  at::Tensor penalty() const override;
  void after_update(int64_t step) override;

  bool reads(const std::string& peft_type) const override { return peft_type == "ADALORA"; }
  PeftFolder to_peft(const Model& model, const MethodInstance& instance) const override;
  void from_peft(const PeftFolder& folder, const Model& model, MethodInstance& instance) const override;
  Value options_of(const PeftFolder& folder, const Model& model) const override;

 private:
  // The update of one target.
  struct Update {
    LinearTarget target;
    at::Tensor a;
    at::Tensor lambda;
    at::Tensor b;
    at::Tensor kept;  // [init_r] 1 at ranks that have a share of the budget, 0 at those that lost it
    Importance of_a;
    Importance of_lambda;
    Importance of_b;

    at::Tensor scores() const;  // [init_r]
  };
  // The ranks that the updates of one site have left, one below the other: A [ranks, in], Λ [ranks, 1] and B
  // [out, ranks] of the whole site, and which of `init_r` they are.
  struct Remaining {
    at::Tensor a;
    at::Tensor lambda;
    at::Tensor b;
    Value::List pattern;
  };
  Remaining remaining(const std::vector<const Update*>& updates, int64_t init_r) const;
  Update declare(Attacher& attacher, const LinearTarget& target) const;
  // Keeps all ranks but the `pruned` that matter least, over all updates together.
  void allocate(int64_t pruned);
  void drop_what_is_not_kept();
  // The updates of one site: the whole of it, or slices.
  std::vector<std::vector<const Update*>> by_site() const;

  AdaLoraOptions options_;
  std::vector<Update> updates_;
  RankSchedule schedule_;
};

}  // namespace peft::adalora
