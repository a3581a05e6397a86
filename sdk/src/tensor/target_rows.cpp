#include "index_tensor.h"
#include "peft/ops.h"

namespace peft {
namespace {

// Targets among the rows of each sequence from its `first` row on: each is predicted by the row before it.
TargetRows collect(const Forward& forward, int64_t first) {
  const at::Tensor labels = forward.labels().cpu();
  const int64_t* label = labels.data_ptr<int64_t>();
  const std::vector<int64_t>& offsets = forward.rows().offsets;
  std::vector<int64_t> rows;
  std::vector<int64_t> ids;
  for (size_t s = 0; s + 1 < offsets.size(); ++s) {
    for (int64_t row = offsets[s] + first; row < offsets[s + 1]; ++row) {
      if (label[row] == no_target) continue;
      rows.push_back(row - 1);
      ids.push_back(label[row]);
    }
  }
  const at::Device device = forward.labels().device();
  return {.rows = index_tensor(rows, device), .ids = index_tensor(ids, device)};
}

}  // namespace

int64_t TargetRows::count() const {
  return rows.size(0);
}

TargetRows target_rows(const Forward& forward) {
  return collect(forward, 1);
}

TargetRows scored_rows(const Forward& forward) {
  return collect(forward, forward.virtual_tokens_in_front() + 1);
}

}  // namespace peft
