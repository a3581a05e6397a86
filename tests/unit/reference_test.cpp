// Logits and loss curves of transformers and PEFT, made by tests/parity/make_references.py, reproduced by the
// model, the methods and the trainer: every method alone and together, ragged batches, clipping, decay,
// schedules, accumulation.
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "base/json.h"
#include "support/noise.h"
#include "support/tiny_gpt2.h"
#include "tasks/causal_lm/causal_lm.h"
#include "train/trainer.h"

namespace {

using namespace peft;
using host::Trainer;

const Value& references() {
  static const Value content = host::read_json_file(PEFT_PARITY_TEST_DATA "/references.json");
  return content;
}

int64_t integer(const Value& map, const char* key) {
  return map.at(key).as_integer();
}
double number(const Value& map, const char* key) {
  return map.at(key).as_number();
}

// Every tensor by its place in the order of names; norms around one.
void fill(const std::map<std::string, at::Tensor>& tensors, uint32_t first) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : tensors) {
    const bool scales = name.find(".ln_") != std::string::npos && name.ends_with("weight");
    auto* element = tensor.data_ptr<float>();
    for (int64_t i = 0; i < tensor.numel(); ++i) {
      element[i] =
          static_cast<float>((scales ? 1.0 : 0.0) + 0.8 * test::noise(first, static_cast<uint32_t>(i)));
    }
    ++first;
  }
}

std::unique_ptr<Model> base(const Value& shape) {
  auto model = test::make({.dtype = at::kFloat,
                           .vocabulary = integer(references(), "vocabulary"),
                           .positions = integer(references(), "positions"),
                           .width = integer(shape, "width"),
                           .layers = integer(shape, "layers"),
                           .heads = integer(shape, "heads")});
  std::map<std::string, at::Tensor> tensors;
  for (const ParameterSite& site : model->sites().parameters) tensors[site.name] = site.tensor;
  fill(tensors, 1);
  return model;
}

void attach_methods(const Value& methods, Model& model, AdapterSet& set) {
  uint32_t first = 1000;
  for (const Value& entry : methods.as_list()) {
    const std::string& plugin = entry.at("plugin").as_text();
    MethodInstance& method = test::attach(model, set, plugin, entry.at("options").as_map());
    std::map<std::string, at::Tensor> tensors;
    for (const MethodTensor& tensor : method.tensors) tensors[tensor.name] = tensor.tensor;
    if (plugin != "full") fill(tensors, first);
    first += 1000;
  }
}

std::vector<int64_t> integers(const Value& list) {
  std::vector<int64_t> result;
  for (const Value& item : list.as_list()) result.push_back(item.as_integer());
  return result;
}

std::vector<EncodedExample> examples() {
  std::vector<EncodedExample> found;
  for (const Value& entry : references().at("examples").as_list()) {
    EncodedExample& example = found.emplace_back();
    example.inputs.push_back({.ids = integers(entry.at("ids")), .labels = integers(entry.at("labels"))});
    example.index = static_cast<int64_t>(found.size()) - 1;
  }
  return found;
}

host::TrainOptions train_options(const Value& train) {
  host::TrainOptions options;
  options.shuffle = false;
  options.batch_size = integer(train, "batch_size");
  options.accumulate = integer(train, "accumulate");
  options.steps = integer(train, "steps");
  options.learning_rate = number(train, "learning_rate");
  options.schedule = host::schedule_kind(train.at("schedule").as_text());
  options.warmup = number(train, "warmup");
  options.weight_decay = number(train, "weight_decay");
  options.clip = number(train, "clip");
  return options;
}

double relative(double ours, double theirs) {
  return std::abs(ours - theirs) / std::max(std::abs(theirs), 1e-12);
}

// The largest difference of the logits of the first two examples.
double logit_difference(const Value& expected, Model& model, const AdapterSet& set) {
  const at::NoGradGuard no_grad;
  std::vector<EncodedExample> sequences = examples();
  sequences.resize(2);
  const Batch batch = test::pack_all(sequences);
  ForwardOptions options;
  options.sets = {&set};
  Forward forward(model, batch, options);
  const at::Tensor hidden = model.hidden(forward);
  const at::Tensor logits =
      forward.linear(*model.language_head(), hidden).index_select(0, forward.real_rows()).contiguous();
  double largest = 0.0;
  const auto* next = logits.data_ptr<float>();
  for (const Value& row : expected.as_list()) {
    for (const Value& logit : row.as_list())
      largest = std::max(largest, std::abs(static_cast<double>(*next++) - logit.as_number()));
  }
  REQUIRE(next == logits.data_ptr<float>() + logits.numel());
  return largest;
}

}  // namespace

TEST_CASE("logits and loss curves are those of transformers and PEFT") {
  for (const Value& entry : references().at("cases").as_list()) {
    DYNAMIC_SECTION(entry.at("name").as_text()) {
      const std::unique_ptr<Model> model = base(entry.at("shape"));
      AdapterSet set("default");
      attach_methods(entry.at("methods"), *model, set);
      CHECK(logit_difference(entry.at("logits"), *model, set) < 1e-4);

      const causal_lm::CausalLm task;
      const std::vector<EncodedExample> data = examples();
      Trainer trainer(*model, set, task, data, train_options(entry.at("train")));
      for (size_t step = 0; !trainer.done(); ++step) {
        const host::StepReport report = trainer.advance();
        CAPTURE(report.step);
        CHECK(relative(report.loss, entry.at("loss").as_list().at(step).as_number()) < 1e-4);
        CHECK(relative(report.gradient_norm, entry.at("grad_norm").as_list().at(step).as_number()) < 1e-3);
        CHECK(relative(report.learning_rate, entry.at("learning_rate").as_list().at(step).as_number()) <
              1e-7);
        CHECK(report.tokens == entry.at("tokens").as_list().at(step).as_integer());
      }
    }
  }
}
