#include <ATen/TensorOperators.h>

#include <algorithm>

#include "engine/merge.h"
#include "peft/batch.h"
#include "peft/random.h"

namespace peft::host {
namespace {

constexpr int64_t most_tokens = 64;

// Any tokens will do; the same each time, so that the figure is.
Batch some_tokens(const ModelInfo& info, const at::Device& device) {
  const int64_t count = info.max_positions > 0 ? std::min(most_tokens, info.max_positions) : most_tokens;
  const RandomStream random(0);
  EncodedExample example;
  EncodedSequence& sequence = example.inputs.emplace_back();
  for (int64_t i = 0; i < count; ++i) {
    sequence.ids.push_back(
        static_cast<int64_t>(random.below(static_cast<uint64_t>(i), static_cast<uint64_t>(info.vocabulary))));
  }
  if (info.kind == ModelKind::encoder_decoder) example.decoder_inputs = example.inputs;
  return pack({&example}, device);
}

at::Tensor outputs(Model& model, const Batch& batch, std::vector<ActiveSet> sets) {
  ForwardOptions options;
  options.sets = std::move(sets);
  Forward forward(model, batch, options);
  const at::Tensor hidden = model.hidden(forward);
  LinearSite* head = model.language_head();
  return (head == nullptr ? hidden : forward.linear(*head, hidden)).to(at::kFloat);
}

}  // namespace

MergeDifference merge_difference(const BaseModel& base, const Merged& merged, at::ScalarType type) {
  BaseTensors tensors;
  for (const auto& [name, tensor] : merged.tensors) tensors[name] = tensor.to(type);
  const std::unique_ptr<Model> model = base.family->build(merged.plan, tensors);
  const Batch batch = some_tokens(model->info(), model->sites().parameters.front().tensor.device());
  const at::Tensor before =
      outputs(*base.model, batch, std::vector<ActiveSet>(merged.folded.begin(), merged.folded.end()));
  const at::Tensor after = outputs(*model, batch, {});
  return {.what = model->language_head() == nullptr ? "hidden states" : "logits",
          .largest = (after - before).abs().max().item<double>(),
          .scale = before.abs().max().item<double>(),
          .tokens = batch.real_tokens()};
}

}  // namespace peft::host
