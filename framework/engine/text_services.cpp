#include "engine/text_services.h"

#include <ATen/core/grad_mode.h>

namespace peft::host {

std::vector<KeysValues> BaseTextServices::keys_values(const std::vector<int64_t>& ids) {
  const at::NoGradGuard no_grad;
  EncodedExample example;
  example.inputs.push_back({.ids = ids, .labels = {}});
  const Batch batch = pack({&example}, model_.sites().parameters.front().tensor.device());
  std::vector<KeysValues> recorded;
  ForwardOptions options;
  options.record = &recorded;
  Forward forward(model_, batch, options);
  model_.hidden(forward);
  return recorded;
}

}  // namespace peft::host
