#include "engine/numbers.h"

#include <cstdio>

namespace peft::host {

std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  const size_t first = digits.starts_with('-') ? 1 : 0;
  for (size_t end = digits.size(); end > first + 3; end -= 3) digits.insert(end - 3, ",");
  return digits;
}

std::string trainable_share(int64_t trainable, int64_t total) {
  char share[32];
  std::snprintf(share, sizeof share, "%.4f",
                100.0 * static_cast<double>(trainable) / static_cast<double>(total));
  return grouped(trainable) + " of " + grouped(total) + " (" + share + " %)";
}

int64_t total_parameters(const Session& session) {
  int64_t total = 0;
  for (const ParameterSite& site : session.base.model->sites().parameters) {
    // What overrides a base tensor is not counted beside it.
    total += site.attachments.empty() ? site.tensor.numel() : 0;
  }
  for (const MethodInstance& method : session.set->methods()) {
    for (const MethodTensor& tensor : method.tensors) total += tensor.tensor.numel();
  }
  return total;
}

}  // namespace peft::host
