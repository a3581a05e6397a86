// Training a tensor of the base itself.
#pragma once

#include <ATen/core/Tensor.h>

#include "peft/method.h"

namespace peft {

// Declares a tensor named as the parameter, starting as a copy of it and decaying as it does, and lets it
// stand in the parameter's place while the method's set is active. The base itself is not written to.
at::Tensor train_parameter(Attacher& attacher, ParameterSite& site);

}  // namespace peft
