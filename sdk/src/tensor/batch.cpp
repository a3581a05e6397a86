#include "peft/batch.h"

#include <ATen/ops/empty.h>

#include "index_tensor.h"
#include "peft/error.h"

namespace peft {
namespace {

class Packer {
 public:
  void add(const EncodedSequence& sequence, int64_t example) {
    if (!sequence.labels.empty() && sequence.labels.size() != sequence.ids.size()) {
      throw Error("a sequence of " + std::to_string(sequence.ids.size()) + " tokens has " +
                  std::to_string(sequence.labels.size()) + " labels; the task must make as many, or none");
    }
    ids_.insert(ids_.end(), sequence.ids.begin(), sequence.ids.end());
    labels_.insert(labels_.end(), sequence.labels.begin(), sequence.labels.end());
    labels_.resize(ids_.size(), no_target);
    packed_.offsets.push_back(static_cast<int64_t>(ids_.size()));
    packed_.examples.push_back(example);
  }

  PackedSequences finish(const at::Device& device) && {
    packed_.ids = index_tensor(ids_, device);
    packed_.labels = index_tensor(labels_, device);
    return std::move(packed_);
  }

 private:
  std::vector<int64_t> ids_;
  std::vector<int64_t> labels_;
  PackedSequences packed_{.ids = {}, .labels = {}, .offsets = {0}, .examples = {}};
};

}  // namespace

Batch pack(const std::vector<const EncodedExample*>& examples, const at::Device& device) {
  if (examples.empty()) throw Error("a batch was made of no examples; give it at least one");
  Batch batch;
  batch.sequences_per_example = static_cast<int64_t>(examples.front()->inputs.size());
  Packer input;
  Packer decoder;
  at::Tensor targets = at::empty({static_cast<int64_t>(examples.size())}, at::kDouble);
  for (size_t i = 0; i < examples.size(); ++i) {
    const EncodedExample& example = *examples[i];
    if (static_cast<int64_t>(example.inputs.size()) != batch.sequences_per_example) {
      throw Error("a batch mixes examples of " + std::to_string(batch.sequences_per_example) + " and of " +
                  std::to_string(example.inputs.size()) +
                  " sequences; a task must make the same number of each");
    }
    for (const EncodedSequence& sequence : example.inputs) input.add(sequence, example.index);
    for (const EncodedSequence& sequence : example.decoder_inputs) decoder.add(sequence, example.index);
    targets.data_ptr<double>()[i] = example.target;
  }
  batch.input = std::move(input).finish(device);
  batch.decoder = std::move(decoder).finish(device);
  batch.targets = targets.to(device);
  return batch;
}

}  // namespace peft
