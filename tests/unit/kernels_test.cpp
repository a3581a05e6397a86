// Every implementation of the hot operations against LibTorch's plain ones: losses and gradients.
#include "peft/kernels.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "forward_fixture.h"
#include "kernel_choices.h"
#include "kernel_outcomes.h"
#include "peft/error.h"

namespace {

using namespace peft;
using namespace peft::test;

// Head sizes that fill vectors and that do not; sequences within a block of queries and across several; rows
// enough for each thread to have a part of a product.
struct Shape {
  TinyGpt2 model;
  std::vector<int64_t> lengths;  // of the examples
};

std::vector<Shape> shapes(at::ScalarType type) {
  return {{{.dtype = type, .positions = 60}, {5, 1, 9, 2}},
          {{.dtype = type, .vocabulary = 301, .positions = 240, .width = 40, .heads = 2}, {70, 3, 200, 150}},
          {{.dtype = type, .vocabulary = 99, .positions = 140, .width = 128, .heads = 2}, {129, 64, 1}}};
}

// The same model in float64, its weights those that `type` can hold.
std::unique_ptr<Model> make_exact(TinyGpt2 description) {
  const at::ScalarType type = description.dtype;
  description.dtype = at::kDouble;
  std::unique_ptr<Model> model = make(description);
  for (ParameterSite& site : model->sites().parameters) site.tensor.copy_(site.tensor.to(type));
  return model;
}

void compare_all_choices(const Shape& shape, const Attachments& kind, double tolerance) {
  INFO(kind.what << ", " << shape.model.width << " wide");
  TinyGpt2 description = shape.model;
  description.tied = kind.tied;
  const auto outcome = [&](const std::unique_ptr<Model>& model, const std::string& choice) {
    AdapterSet set("default");
    kind.add(*model, set);
    randomize(set, 0.1);
    const Outcome found = outcome_of(*model, set, examples_of(*model, shape.lengths), choice);
    model->sites().detach(set);
    return found;
  };
  const auto model = make(description);
  const Outcome truth = outcome(make_exact(description), "plain");
  const Outcome plain = outcome(model, "plain");
  CHECK(truth.gradients.size() == static_cast<size_t>(kind.tensors));
  for (const std::string& choice : choices()) {
    INFO("kernels: '" << choice << "'");
    compare(outcome(model, choice), plain, truth, tolerance);
  }
}

}  // namespace

TEST_CASE("losses and gradients are those of plain autograd, whatever the kernels and whatever is attached") {
  for (const Shape& shape : shapes(at::kFloat)) {
    for (const Attachments& kind : every_kind()) compare_all_choices(shape, kind, 1e-5);
  }
}

TEST_CASE("so they are for low-rank updates of a rank for which a library multiplies") {
  const Attachments high = {"lora of rank 40, with dropout",
                            [](Model& model, AdapterSet& set) {
                              attach(model, set, "lora", {{"rank", 40}, {"dropout", 0.2}});
                            },
                            4};
  compare_all_choices(shapes(at::kFloat)[1], high, 1e-5);
  compare_all_choices(shapes(at::kBFloat16)[1], high, 0.03);
}

TEST_CASE("on a base in bfloat16 the kernels differ from float64 by bfloat16's rounding alone") {
  for (const Shape& shape : shapes(at::kBFloat16)) {
    for (const Attachments& kind : every_kind()) {
      if (kind.tied && !kind.what.starts_with("full")) compare_all_choices(shape, kind, 0.03);
    }
  }
}

namespace {

// A method of someone else's: it scales a linear's input and output, and has no idea of fused operations.
class Scaled : public LinearAttachment {
 public:
  Scaled(at::Tensor of_input, at::Tensor of_output)
      : of_input_(std::move(of_input)), of_output_(std::move(of_output)) {}
  bool changes_input() const override { return true; }
  at::Tensor input(const LinearCall&, const at::Tensor& x) const override {
    CHECK(x.scalar_type() == at::kFloat);
    return x * of_input_;
  }
  at::Tensor output(const LinearCall& call, const at::Tensor& x, const at::Tensor& y) const override {
    CHECK(x.scalar_type() == at::kFloat);
    CHECK(y.scalar_type() == at::kFloat);
    return y * of_output_ + call.base(x) * 0.1;
  }

 private:
  at::Tensor of_input_;
  at::Tensor of_output_;
};

}  // namespace

TEST_CASE("a plain differentiable attachment works on every hot path, before and after a fused one") {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    for (const bool first : {true, false}) {
      TinyGpt2 description{.dtype = type, .positions = 140, .width = 40, .heads = 2};
      const auto model = make(description);
      AdapterSet set("default");
      const auto attach_lora = [&] {
        attach(*model, set, "lora", {{"rank", 2}, {"targets", texts({"attn.qkv", "mlp.out"})}});
      };
      if (!first) attach_lora();
      std::vector<at::Tensor> scales;
      for (LinearSite& site : model->sites().linears) {
        if (site.role == "head") continue;
        const at::Tensor of_input = at::ones({site.in}).mul_(0.9).requires_grad_();
        const at::Tensor of_output = at::ones({site.out}).mul_(1.1).requires_grad_();
        scales.insert(scales.end(), {of_input, of_output});
        site.attachments.push_back({.set = &set,
                                    .attachment = std::make_unique<Scaled>(of_input, of_output),
                                    .begin = 0,
                                    .size = site.out});
      }
      if (first) attach_lora();
      randomize(set, 0.1);
      const auto examples = examples_of(*model, {70, 2, 30});
      const auto gradients = [&](const std::string& choice) {
        Outcome outcome = outcome_of(*model, set, examples, choice);
        for (at::Tensor& scale : scales) {
          outcome.gradients["scale " + std::to_string(outcome.gradients.size())] =
              scale.grad().to(at::kDouble);
          scale.mutable_grad() = at::Tensor();
        }
        return outcome;
      };
      const Outcome plain = gradients("plain");
      for (const std::string& choice : choices()) {
        INFO("kernels: '" << choice << "'");
        compare(gradients(choice), plain, plain, type == at::kFloat ? 1e-5 : 0.06);
      }
    }
  }
}

TEST_CASE("kernels that do not exist are refused, and those in use are named") {
  for (const char* wish : {"fastest", ",", "plain,avx2", "onednn,no-onednn"}) {
    INFO(wish);
    CHECK_THROWS_AS(choose_kernels(wish), UsageError);
  }
  const Kernels chosen("plain");
  CHECK(kernels_in_use() == "LibTorch's plain operations");
}
