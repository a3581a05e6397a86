// A tiny classifier of any family with the build's plugins: methods on it, and the task's head.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "method_cases.h"
#include "peft/task.h"

namespace peft::test {

enum class FilesHead { there, absent };  // whether the base has the family's head

struct Classifier {
  // In float64 or float32. Every tensor of the base is drawn, norms and biases too.
  Classifier(const std::string& family, const Composition& cases, at::ScalarType dtype,
             FilesHead head = FilesHead::there);

  // The sum over the examples; with dropout where training.
  at::Tensor loss(bool training);
  // [examples, labels], without gradient.
  at::Tensor scores(std::vector<ActiveSet> sets);

  AdapterSet set{"default"};  // outlives the model it is on
  std::unique_ptr<Model> model;
  std::unique_ptr<Task> task;
  std::vector<EncodedExample> examples;
};

}  // namespace peft::test
