// Logits and scores of transformers' models of each family, made by tests/parity/make_family_references.py,
// in float64. Their settings are not the usual ones, epsilons large among them: what is read wrongly shows.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "base/json.h"
#include "peft/head.h"
#include "support/noise.h"
#include "support/tiny_gpt2.h"
#include "tiny_family.h"

using namespace peft;
using namespace peft::test;

namespace {

// transformers computes RMS norms and rotary angles in float32 in any case.
constexpr double tolerance = 2e-6;

BaseTensors tensors_of(const Value& names, const ModelPlan& plan) {
  BaseTensors tensors;
  uint32_t number = 0;
  for (const Value& entry : names.as_list()) {
    const std::string& name = entry.as_text();
    const auto spec = std::ranges::find(plan.parameters, name, &ParameterSpec::name);
    INFO(name);
    REQUIRE(spec != plan.parameters.end());
    const double middle = spec->shape.size() == 1 && name.ends_with("weight") ? 1.0 : 0.0;
    at::Tensor tensor = at::empty(spec->shape, at::kDouble);
    auto* element = tensor.data_ptr<double>();
    ++number;
    for (int64_t i = 0; i < tensor.numel(); ++i)
      element[i] = middle + 0.8 * noise(number, static_cast<uint32_t>(i));
    tensors.emplace(name, tensor);
  }
  return tensors;
}

std::unique_ptr<Model> make(const Value& reference) {
  const auto family = plugins_of_cases().model_family(reference.at("family").as_text()).create();
  const ModelPlan plan = family->plan(reference.at("config"));
  return family->build(plan, tensors_of(reference.at("tensors"), plan));
}

EncodedExample example_of(const Value& ids, const ModelInfo& info) {
  EncodedExample example;
  EncodedSequence& input = example.inputs.emplace_back();
  for (const Value& id : ids.as_list()) input.ids.push_back(id.as_integer());
  if (info.kind != ModelKind::encoder_decoder) return example;
  EncodedSequence read{.ids = {*info.decoder_start}, .labels = {}};
  read.ids.insert(read.ids.end(), input.ids.rbegin(), input.ids.rend());
  example.decoder_inputs.push_back(std::move(read));
  return example;
}

// Each text's scores, or the logits of its last token, [texts, labels or vocabulary].
at::Tensor outputs(Model& model, const std::vector<EncodedExample>& texts, bool classifies) {
  const at::NoGradGuard no_grad;
  AdapterSet set("default");
  if (classifies) attach(model, set, make_head(3, 0.0), "classification", "head");
  const Batch batch = pack_all(texts);
  ForwardOptions options;
  options.sets = {&set};
  Forward forward(model, batch, options);
  if (classifies) return sequence_scores(forward, model).contiguous();
  const at::Tensor hidden = model.hidden(forward);
  const at::Tensor logits = forward.linear(*model.language_head(), hidden);
  at::Tensor last = at::empty({static_cast<int64_t>(texts.size()), logits.size(1)}, logits.options());
  for (size_t i = 0; i < texts.size(); ++i)
    last.select(0, static_cast<int64_t>(i)).copy_(logits.select(0, forward.rows().offsets[i + 1] - 1));
  return last;
}

}  // namespace

TEST_CASE("Every family computes what transformers' does, texts of different lengths together") {
  const Value references = host::read_json_file(PEFT_PARITY_TEST_DATA "/families.json");
  for (const Value& reference : references.at("cases").as_list()) {
    DYNAMIC_SECTION(reference.at("name").as_text()) {
      const std::unique_ptr<Model> model = make(reference);
      const Value::List& wanted = reference.at("outputs").as_list();
      std::vector<EncodedExample> texts;
      for (const Value& text : wanted) texts.push_back(example_of(text.at("ids"), model->info()));
      const bool classifies = wanted.front().at("values").as_list().size() == 3;
      const at::Tensor found = outputs(*model, texts, classifies);
      REQUIRE(found.numel() ==
              static_cast<int64_t>(wanted.size() * wanted.front().at("values").as_list().size()));
      const auto* next = found.data_ptr<double>();
      for (const Value& text : wanted) {
        for (const Value& value : text.at("values").as_list())
          CHECK(*next++ == Approx(value.as_number()).margin(tolerance).epsilon(0));
      }
    }
  }
}
