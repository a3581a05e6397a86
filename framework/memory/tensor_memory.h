// Counts the memory of tensors.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace peft::host {

// While it exists, tensors on the CPU are made of memory that is zero and takes nothing until it is written
// to, and that is counted: a model of any size can be built without its weights, run, and measured. Tensors
// made before are not counted, and those that outlive it stay valid. One at a time; LibTorch's allocator is
// the whole process's, so nothing else should be computing.
class TensorMemory {
 public:
  TensorMemory();
  ~TensorMemory();
  TensorMemory(const TensorMemory&) = delete;
  TensorMemory& operator=(const TensorMemory&) = delete;

  // Bytes of the tensors there are.
  int64_t live() const;
  // What `compute` adds to them: after each tensor that it makes, in order.
  std::vector<int64_t> trace(const std::function<void()>& compute) const;
};

}  // namespace peft::host
