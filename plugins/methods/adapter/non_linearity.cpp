#include "non_linearity.h"

#include <ATen/ops/gelu.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>

#include <map>
#include <vector>

#include "peft/error.h"
#include "peft/names.h"
#include "peft/ops.h"

namespace peft::adapter {

NonLinearity non_linearity(const std::string& name) {
  static const std::map<std::string, NonLinearity> known = {
      {"relu", [](const at::Tensor& x) { return at::relu(x); }},
      {"silu", [](const at::Tensor& x) { return at::silu(x); }},
      {"swish", [](const at::Tensor& x) { return at::silu(x); }},
      {"gelu", [](const at::Tensor& x) { return at::gelu(x); }},
      {"gelu_new", [](const at::Tensor& x) { return gelu_tanh(x); }},
      {"tanh", [](const at::Tensor& x) { return at::tanh(x); }},
      {"sigmoid", [](const at::Tensor& x) { return at::sigmoid(x); }},
      {"leakyrelu", [](const at::Tensor& x) { return at::leaky_relu(x); }},
  };
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [one, function] : known) names.push_back(one);
  throw UsageError("'non_linearity' is '" + name + "', expected one of " + join(names) +
                   did_you_mean(name, names));
}

}  // namespace peft::adapter
