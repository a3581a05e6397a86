#include <cmath>
#include <utility>

#include "peft/error.h"
#include "peft/method.h"

namespace peft::init {

Init constant(double value) {
  return [value](at::Tensor& tensor, const RandomStream&) { tensor.fill_(value); };
}

Init zeros() {
  return constant(0.0);
}
Init ones() {
  return constant(1.0);
}

Init normal(double standard_deviation) {
  return [standard_deviation](at::Tensor& tensor, const RandomStream& stream) {
    fill_normal(tensor, 0.0, standard_deviation, stream);
  };
}

Init uniform(double bound) {
  return [bound](at::Tensor& tensor, const RandomStream& stream) {
    fill_uniform(tensor, -bound, bound, stream);
  };
}

Init kaiming_uniform() {
  return [](at::Tensor& tensor, const RandomStream& stream) {
    const double bound = 1.0 / std::sqrt(static_cast<double>(tensor.size(-1)));
    fill_uniform(tensor, -bound, bound, stream);
  };
}

Init copy_of(std::function<at::Tensor()> source) {
  return [source = std::move(source)](at::Tensor& tensor, const RandomStream&) {
    const at::Tensor values = source();
    if (values.numel() != tensor.numel()) {
      throw Error("a tensor of " + std::to_string(tensor.numel()) + " elements was to start from one of " +
                  std::to_string(values.numel()));
    }
    tensor.copy_(values.reshape(tensor.sizes()));
  };
}

}  // namespace peft::init
