#include "embedding_update.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/embedding.h>

#include <utility>

#include "peft/forward.h"

namespace peft::lora {
namespace {

class EmbeddingUpdate : public EmbeddingAttachment {
 public:
  EmbeddingUpdate(EmbeddingSite& site, LowRank low_rank) : site_(site), low_rank_(std::move(low_rank)) {}

  at::Tensor output(const Forward& forward, const Rows&, const at::Tensor& ids,
                    const at::Tensor& y) const override {
    const at::Tensor change = at::embedding(low_rank_.a.t(), ids).matmul(low_rank_.b.t()) * low_rank_.scale;
    if (!low_rank_.magnitude.defined()) return y + change;
    const at::Tensor table = forward.parameter(*site_.weight);
    const at::Tensor ratio = low_rank_.magnitude / norms(forward, table);
    return y + (ratio - 1.0) * at::embedding(table, ids).to(y.scalar_type()) + ratio * change;
  }

  bool fold(const EmbeddingSite& site, at::Tensor& weight) const override {
    weight = low_rank_.merged(weight.t(), overridden(*site.weight).t()).t();
    return true;
  }

 private:
  // Once a forward: it reads the whole table.
  at::Tensor norms(const Forward& forward, const at::Tensor& table) const {
    return forward.once(this, [&]() -> std::vector<at::Tensor> { return {low_rank_.norms(table.t())}; })
        .front();
  }

  EmbeddingSite& site_;
  LowRank low_rank_;
};

}  // namespace

std::unique_ptr<EmbeddingAttachment> embedding_update(EmbeddingSite& site, LowRank low_rank) {
  return std::make_unique<EmbeddingUpdate>(site, std::move(low_rank));
}

}  // namespace peft::lora
