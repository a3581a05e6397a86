#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "method_fixture.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

struct Encoder {
  std::string what;
  Value::Map options;
  int tensors;
  int64_t elements;  // n = 3, d = 12
};

const std::vector<Encoder>& encoders() {
  static const std::vector<Encoder> all = {
      {"a perceptron", {{"tokens", 3}, {"hidden_size", 5}}, 7, 36 + (60 + 5) + (25 + 5) + (60 + 12)},
      {"one as wide as the model", {{"tokens", 3}}, 7, 36 + 3 * (144 + 12)},
      {"an LSTM of one layer",
       {{"tokens", 3}, {"encoder", "lstm"}, {"hidden_size", 5}, {"layers", 1}},
       13,
       36 + 2 * (20 * 12 + 20 * 5 + 40) + (100 + 10) + (120 + 12)},
      {"an LSTM of three, with dropout",
       {{"tokens", 3}, {"encoder", "lstm"}, {"hidden_size", 4}, {"layers", 3}, {"dropout", 0.4}},
       29,
       36 + 2 * (16 * 12 + 16 * 4 + 32) + 4 * (16 * 8 + 16 * 4 + 32) + (64 + 8) + (96 + 12)},
      {"none", {{"tokens", 3}, {"encoder", "none"}}, 1, 36},
  };
  return all;
}

// x Wᵀ + b, by the names of PyTorch's modules.
at::Tensor affine(const MethodOnModel& method, const std::string& module, const at::Tensor& x) {
  return x.matmul(method.tensor(module + ".weight").t()) + method.tensor(module + ".bias");
}

// One direction of an LSTM's layer over x [n, width], step by step (Hochreiter and Schmidhuber 1997, with
// forget gates; the gates in PyTorch's order).
at::Tensor lstm_by_hand(const MethodOnModel& method, const std::string& which, std::vector<at::Tensor> x,
                        bool reverse) {
  const auto tensor = [&](const std::string& what) {
    return method.tensor("lstm_head." + what + "_" + which);
  };
  if (reverse) std::ranges::reverse(x);
  const int64_t hidden = tensor("weight_hh").size(1);
  at::Tensor h = at::zeros({hidden}, at::kDouble);
  at::Tensor c = at::zeros({hidden}, at::kDouble);
  std::vector<at::Tensor> outputs;
  for (const at::Tensor& one : x) {
    const at::Tensor gates = tensor("weight_ih").matmul(one) + tensor("bias_ih") +
                             tensor("weight_hh").matmul(h) + tensor("bias_hh");
    const std::vector<at::Tensor> parts = gates.chunk(4);  // input, forget, cell, output
    c = at::sigmoid(parts[1]) * c + at::sigmoid(parts[0]) * at::tanh(parts[2]);
    h = at::sigmoid(parts[3]) * at::tanh(c);
    outputs.push_back(h);
  }
  if (reverse) std::ranges::reverse(outputs);
  return at::stack(outputs);
}

}  // namespace

TEST_CASE("p-tuning's prompt is what its encoder makes of its embeddings") {
  for (const size_t i : {0, 2, 3}) {
    DYNAMIC_SECTION(encoders()[i].what) {
      MethodOnModel method("p_tuning", encoders()[i].options);
      randomize(method.set);
      at::Tensor x = method.tensor("embedding");
      for (int layer = 0; i > 0 && layer < (i == 2 ? 1 : 3); ++layer) {
        const std::string which = "l" + std::to_string(layer);
        x = at::cat({lstm_by_hand(method, which, x.unbind(0), false),
                     lstm_by_hand(method, which + "_reverse", x.unbind(0), true)},
                    1);
      }
      x = at::relu(affine(method, "mlp_head.0", x));
      x = affine(method, "mlp_head.2", x);
      if (i == 0) x = affine(method, "mlp_head.4", at::relu(x));
      const PeftFolder folder =
          query<PeftFormat>(*method.instance.method)->to_peft(*method.model, method.instance);
      CHECK((folder.tensors.at("prompt_embeddings") - x).abs().max().item<double>() < 1e-12);
    }
  }
}

TEST_CASE("the gradients of p-tuning's encoders are those of finite differences") {
  for (const Encoder& encoder : encoders()) {
    DYNAMIC_SECTION(encoder.what) {
      MethodOnModel method("p_tuning", encoder.options);
      CHECK(method.set.trained_elements() == encoder.elements);
      CHECK(method.set.prompt_length() == 3);
      randomize(method.set);
      CHECK(method.check_gradients() == encoder.tensors);
    }
  }
}

TEST_CASE("p-tuning's dropout is that of the step, however its examples are computed") {
  const MethodOnModel method("p_tuning", encoders()[3].options);
  const auto examples = some_examples(*method.model);
  const auto loss = [&](const std::vector<EncodedExample>& of, const ForwardOptions& options) {
    return loss_of(*method.model, of, options).item().toDouble();
  };
  ForwardOptions training = with({&method.set}, true);
  const double together = loss(examples, training);
  CHECK(together ==
        Approx(loss({examples[3], examples[0]}, training) + loss({examples[2], examples[1]}, training))
            .epsilon(1e-12));
  CHECK(together != loss(examples, with({&method.set})));
  training.random = RandomStream(100);
  CHECK(together != loss(examples, training));
}

TEST_CASE("a folder of PEFT's holds what p-tuning's encoder makes, and is read without one") {
  for (const Encoder& encoder : encoders()) {
    DYNAMIC_SECTION(encoder.what) {
      MethodOnModel method("p_tuning", encoder.options);
      randomize(method.set);
      auto* format = query<PeftFormat>(*method.instance.method);
      const PeftFolder folder = format->to_peft(*method.model, method.instance);
      CHECK(folder.config.at("peft_type") == Value("P_TUNING"));
      MethodOnModel read("p_tuning", {{"tokens", 3}, {"encoder", "none"}});
      query<PeftFormat>(*read.instance.method)->from_peft(folder, *read.model, read.instance);
      CHECK(read.loss() == method.loss());
      if (encoder.tensors == 1) continue;
      CHECK_THROWS_WITH(format->from_peft(folder, *method.model, method.instance),
                        Contains("set 'encoder: none'"));
    }
  }
}

TEST_CASE("p-tuning refuses options that its encoder does not have") {
  CHECK_THAT(refusal("p_tuning", {{"layers", 3}}), Contains("'layers' is 3, but 'encoder: mlp'"));
  CHECK_THAT(refusal("p_tuning", {{"dropout", 0.1}}),
             Contains("'dropout' acts between the layers of an LSTM"));
  CHECK_THAT(refusal("p_tuning", {{"encoder", "lstm"}, {"layers", 1}, {"dropout", 0.1}}),
             Contains("'layers' to at least 2"));
  CHECK_THAT(refusal("p_tuning", {{"encoder", "none"}, {"hidden_size", 8}}),
             Contains("'hidden_size' is an encoder's"));
  CHECK_THAT(refusal("p_tuning", {{"encoder", "gru"}}), Contains("'gru'") && Contains("lstm"));
}
