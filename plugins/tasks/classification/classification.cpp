#include "classification.h"

#include <ATen/ops/argmax.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/log_softmax.h>

#include <set>
#include <string>
#include <utility>

#include "peft/error.h"
#include "peft/head.h"

namespace peft::classification {
namespace {

const Options<ClassificationOptions>& options() {
  static const Options<ClassificationOptions> options = [] {
    Options<ClassificationOptions> table;
    table.add("labels", &ClassificationOptions::labels,
              "how many labels there are; unless given, as many as names, or 2", at_least(2));
    table.add("names", &ClassificationOptions::names,
              "what the labels are called, from label 0 on; for exported models");
    table.add("dropout", &ClassificationOptions::dropout,
              "share of what the last layer reads that is dropped", from_up_to_below(0, 1));
    return table;
  }();
  return options;
}

std::vector<std::string> names_of(const ClassificationOptions& options) {
  const auto names = static_cast<int64_t>(options.names.size());
  if (names == 0) {
    std::vector<std::string> numbered;
    for (int64_t i = 0; i < options.labels.value_or(2); ++i) numbered.push_back("LABEL_" + std::to_string(i));
    return numbered;
  }
  if (names == 1) throw UsageError("'names' has one label, expected two or more");
  if (options.labels && *options.labels != names) {
    throw UsageError("'labels' is " + std::to_string(*options.labels) + ", but 'names' has " +
                     std::to_string(names) + "; leave one of them out");
  }
  if (std::set<std::string>(options.names.begin(), options.names.end()).size() != options.names.size())
    throw UsageError("'names' has a label twice; give each a name of its own");
  return options.names;
}

// As the model's own tokeniser would encode the text, shortened at its end to `limit` ids with special
// tokens.
std::vector<int64_t> ids_of(const std::string& text, const TextCodec& codec, int64_t limit) {
  std::vector<int64_t> ids = codec.encode_ordinary(text);
  const auto special = static_cast<int64_t>(codec.with_special_tokens({}).size());
  if (limit <= special) {
    throw UsageError("'data.max_length' is " + std::to_string(limit) +
                     ", which leaves no room beside the tokeniser's " + std::to_string(special) +
                     " special tokens; set it higher");
  }
  const auto room = static_cast<size_t>(limit - special);
  if (ids.size() > room) ids.resize(room);
  return codec.with_special_tokens(ids);
}

}  // namespace

Classification::Classification(const ClassificationOptions& options)
    : names_(names_of(options)), dropout_(options.dropout) {}

std::optional<EncodedExample> Classification::encode(const Example& example, EncodeContext& context) const {
  const auto* labelled = std::get_if<LabelledText>(&example.content);
  if (labelled == nullptr) {
    throw UsageError("found " + example_kind(example) +
                     " in the data, expected labelled text, which is what the task classification takes; "
                     "choose another task or dataset");
  }
  const auto labels = static_cast<int64_t>(names_.size());
  if (labelled->label < 0 || labelled->label >= labels) {
    throw UsageError("found the label " + std::to_string(labelled->label) + ", expected one from 0 to " +
                     std::to_string(labels - 1) + ", since the task has 'labels: " + std::to_string(labels) +
                     "'; correct the data, or set task.classification.labels");
  }
  EncodedSequence sequence;
  sequence.ids = ids_of(labelled->text, context.codec(), context.max_length());
  if (sequence.ids.empty()) return {};
  EncodedExample encoded;
  encoded.inputs.push_back(std::move(sequence));
  encoded.target = static_cast<double>(labelled->label);
  return encoded;
}

int64_t Classification::target_count(const EncodedExample&, int64_t) const {
  return 1;
}

LossSum Classification::loss(const TaskStep& step) const {
  Forward forward(step.model, step.batch, step.policy);
  const at::Tensor scores = sequence_scores(forward, step.model);
  const at::Tensor labels = step.batch.targets.to(scores.device(), at::kLong);
  return {.sum = at::cross_entropy_loss(scores, labels, {}, at::Reduction::Sum), .count = labels.size(0)};
}

std::vector<Measured> Classification::measure(const TaskStep& step) const {
  Forward forward(step.model, step.batch, step.policy);
  const at::Tensor scores = sequence_scores(forward, step.model).to(at::kCPU, at::kDouble).contiguous();
  const at::Tensor likelihoods = at::log_softmax(scores, 1);
  const at::Tensor likeliest = at::argmax(scores, 1);
  std::vector<Measured> result;
  for (int64_t i = 0; i < scores.size(0); ++i) {
    Measured& measured = result.emplace_back();
    measured.label = static_cast<int64_t>(step.batch.targets[i].item<double>());
    measured.predicted_label = likeliest[i].item<int64_t>();
    measured.negative_log_likelihood = -likelihoods[i][measured.label].item<double>();
    measured.tokens = 1;
    const double* own = scores.data_ptr<double>() + i * scores.size(1);
    measured.scores.assign(own, own + scores.size(1));
  }
  return result;
}

void Classification::check(const Model& model) const {
  if (!model.sites().heads.empty()) return;
  throw UsageError("the task classification puts a head on the model, for which the family '" +
                   model.info().family + "' has no place; choose another task or model");
}

std::unique_ptr<Method> Classification::head() const {
  return make_head(static_cast<int64_t>(names_.size()), dropout_);
}

void* Classification::query(std::string_view wanted) noexcept {
  return wanted == Labelling::id ? static_cast<Labelling*>(this) : nullptr;
}

TaskDescriptor descriptor() {
  return {
      .name = "classification",
      .summary = "one label of several for each text, by a head that is trained with the methods",
      .peft_task_type = "SEQ_CLS",
      .options = options().table(),
      .create = [](const Value& values) { return std::make_unique<Classification>(options().read(values)); }};
}

}  // namespace peft::classification
