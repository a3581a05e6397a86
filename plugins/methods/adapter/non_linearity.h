// The functions between an adapter's projections, by the names that Hugging Face's configurations have.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace peft::adapter {

using NonLinearity = at::Tensor (*)(const at::Tensor& x);

// Throws `peft::UsageError` for a name it does not know, listing those there are.
NonLinearity non_linearity(const std::string& name);

}  // namespace peft::adapter
