#include "p_tuning_method.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/lstm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include "peft/error.h"

namespace peft::p_tuning {
namespace {

class Prompt : public EmbeddingAttachment {
 public:
  Prompt(const PTuningMethod& method, int64_t tokens) : method_(method), tokens_(tokens) {}
  int64_t length() const override { return tokens_; }
  at::Tensor virtual_tokens(const Forward& forward) const override { return method_.prompt(&forward); }

 private:
  const PTuningMethod& method_;
  int64_t tokens_;
};

// All positions of `x` [n, width] are one sequence: [n, 2h].
at::Tensor bidirectional(const at::Tensor& x, const std::vector<at::Tensor>& parameters) {
  const at::Tensor start = at::zeros({2, 1, parameters[1].size(1)}, x.options());
  const auto result = at::lstm(x.unsqueeze(1), {start, start}, parameters, /*has_biases=*/true,
                               /*num_layers=*/1, /*dropout=*/0.0, /*train=*/x.requires_grad(),
                               /*bidirectional=*/true, /*batch_first=*/false);
  return std::get<0>(result).squeeze(1);
}

// The prompt is no example's: its masks are drawn once a step, however the step's examples are computed.
Rows rows_of_no_example(int64_t count) {
  Rows rows;
  rows.example.assign(static_cast<size_t>(count), -1);
  rows.place.resize(static_cast<size_t>(count));
  std::iota(rows.place.begin(), rows.place.end(), 0);
  return rows;
}

Init uniform_of(int64_t width) {
  return init::uniform(1.0 / std::sqrt(static_cast<double>(width)));
}

void check(const PTuningOptions& options) {
  if (options.encoder != "lstm" && options.layers != PTuningOptions().layers) {
    throw UsageError("'layers' is " + std::to_string(options.layers) + ", but 'encoder: " + options.encoder +
                     "' has no layers to choose; leave it out, or set 'encoder: lstm'");
  }
  if (options.dropout > 0.0 && (options.encoder != "lstm" || options.layers < 2)) {
    throw UsageError(
        "'dropout' acts between the layers of an LSTM; leave it out, or set 'encoder: lstm' and 'layers' to "
        "at least 2");
  }
  if (options.encoder == "none" && options.hidden_size) {
    throw UsageError("'hidden_size' is an encoder's, and 'encoder: none' has none; leave one of them out");
  }
}

}  // namespace

const Options<PTuningOptions>& p_tuning_options() {
  static const Options<PTuningOptions> options = [] {
    Options<PTuningOptions> table;
    table.add("tokens", &PTuningOptions::tokens, "virtual tokens n in front of each sequence", at_least(1))
        .add("encoder", &PTuningOptions::encoder,
             "what makes their embeddings: a perceptron of three layers, a bidirectional LSTM with one of "
             "two, "
             "or nothing (the form of a PEFT folder)",
             {"mlp", "lstm", "none"})
        .add("hidden_size", &PTuningOptions::hidden_size, "the encoder's width; absent: the model's",
             at_least(1))
        .add("layers", &PTuningOptions::layers, "layers of the LSTM", at_least(1))
        .add("dropout", &PTuningOptions::dropout,
             "share of activations dropped between the LSTM's layers in training, the same for all examples "
             "of a step",
             from_up_to_below(0, 1));
    return table;
  }();
  return options;
}

int64_t PTuningMethod::hidden_size(const Attacher& attacher) const {
  return options_.hidden_size.value_or(attacher.info().hidden_size);
}

void PTuningMethod::declare_lstm(Attacher& attacher) {
  const int64_t hidden = hidden_size(attacher);
  const Init start = uniform_of(hidden);
  for (int64_t layer = 0; layer < options_.layers; ++layer) {
    const int64_t in = layer == 0 ? attacher.info().hidden_size : 2 * hidden;
    std::vector<at::Tensor> parameters;
    for (const char* direction : {"", "_reverse"}) {
      const auto declare = [&](const char* what, std::vector<int64_t> shape, bool decays) {
        parameters.push_back(
            attacher.tensor("lstm_head." + std::string(what) + "_l" + std::to_string(layer) + direction,
                            std::move(shape), start, {.decays = decays}));
      };
      declare("weight_ih", {4 * hidden, in}, true);
      declare("weight_hh", {4 * hidden, hidden}, true);
      declare("bias_ih", {4 * hidden}, false);
      declare("bias_hh", {4 * hidden}, false);
    }
    lstm_.push_back(std::move(parameters));
  }
}

void PTuningMethod::declare_mlp(Attacher& attacher, const std::vector<int64_t>& widths) {
  for (size_t i = 0; i + 1 < widths.size(); ++i) {
    // Numbered as the modules of PEFT's `mlp_head`, in which every other one is the relu.
    const std::string stem = "mlp_head." + std::to_string(2 * i);
    const int64_t in = widths[i];
    const int64_t out = widths[i + 1];
    mlp_.push_back({.weight = attacher.tensor(stem + ".weight", {out, in}, init::kaiming_uniform()),
                    .bias = attacher.tensor(stem + ".bias", {out}, uniform_of(in), {.decays = false})});
  }
}

void PTuningMethod::attach(Attacher& attacher) {
  check(options_);
  if (attacher.sites().embeddings.empty()) {
    throw UsageError("the model '" + attacher.info().family +
                     "' has no token embedding to put a prompt in front of");
  }
  EmbeddingSite& site = attacher.sites().embeddings.front();
  name_ = attacher.name();
  embedding_ = attacher.tensor("embedding", {options_.tokens, site.size}, init::normal(1.0));
  const int64_t hidden = hidden_size(attacher);
  if (options_.encoder == "mlp") declare_mlp(attacher, {site.size, hidden, hidden, site.size});
  if (options_.encoder == "lstm") {
    declare_lstm(attacher);
    declare_mlp(attacher, {2 * hidden, 2 * hidden, site.size});
  }
  attacher.attach(site, std::make_unique<Prompt>(*this, options_.tokens));
}

at::Tensor PTuningMethod::prompt(const Forward* forward) const {
  at::Tensor x = embedding_;
  for (size_t layer = 0; layer < lstm_.size(); ++layer) {
    if (layer > 0 && forward != nullptr) {
      x = forward->dropout(x, options_.dropout, name_ + "/lstm." + std::to_string(layer),
                           rows_of_no_example(x.size(0)));
    }
    x = bidirectional(x, lstm_[layer]);
  }
  for (size_t layer = 0; layer < mlp_.size(); ++layer) {
    if (layer > 0) x = at::relu(x);
    x = at::addmm(mlp_[layer].bias, x, mlp_[layer].weight.t());
  }
  return x;
}

void* PTuningMethod::query(std::string_view wanted) noexcept {
  if (wanted == PeftFormat::id) return static_cast<PeftFormat*>(this);
  return wanted == PeftImport::id ? static_cast<PeftImport*>(this) : nullptr;
}

PeftFolder PTuningMethod::to_peft(const Model& model, const MethodInstance&) const {
  const at::NoGradGuard no_grad;
  PeftFolder folder;
  folder.tensors["prompt_embeddings"] = prompt(nullptr).detach();
  folder.config = prompt_learning_config("P_TUNING", options_.tokens, model.info());
  folder.config.set("encoder_reparameterization_type", options_.encoder == "lstm" ? "LSTM" : "MLP");
  folder.config.set("encoder_hidden_size", options_.hidden_size.value_or(model.info().hidden_size));
  folder.config.set("encoder_num_layers", options_.layers);
  folder.config.set("encoder_dropout", options_.dropout);
  return folder;
}

void PTuningMethod::from_peft(const PeftFolder& folder, const Model&, MethodInstance&) const {
  expect_peft_setting(folder.config, "num_virtual_tokens", options_.tokens, "tokens");
  if (options_.encoder != "none") {
    throw Error("a PEFT folder holds the embeddings without the encoder that made them, and 'encoder' is '" +
                options_.encoder + "'; set 'encoder: none' to start from them");
  }
  load_peft_tensors(folder, {{.name = "prompt_embeddings", .into = embedding_}});
}

}  // namespace peft::p_tuning
