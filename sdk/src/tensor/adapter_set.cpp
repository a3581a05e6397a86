#include "peft/adapter_set.h"

#include <utility>

#include "peft/method.h"

namespace peft {

AdapterSet::AdapterSet(std::string name) : name_(std::move(name)) {}
AdapterSet::~AdapterSet() = default;

int64_t AdapterSet::prefix_length() const {
  int64_t length = 0;
  for (const MethodInstance& method : methods_) length += method.prefix_length;
  return length;
}

int64_t AdapterSet::prompt_length() const {
  int64_t length = 0;
  for (const MethodInstance& method : methods_) length += method.prompt_length;
  return length;
}

int64_t AdapterSet::trained_elements() const {
  int64_t elements = 0;
  for (const MethodInstance& method : methods_) {
    for (const MethodTensor& tensor : method.tensors) {
      if (method.trainable && tensor.trained) elements += tensor.tensor.numel();
    }
  }
  return elements;
}

}  // namespace peft
