#include "engine/memory_estimate.h"

#include <ATen/ops/empty.h>

#include <algorithm>

#include "engine/adapters.h"
#include "engine/answering.h"
#include "engine/tensor_bytes.h"
#include "evaluate/evaluation.h"
#include "evaluate/generate.h"
#include "memory/process_memory.h"
#include "memory/tensor_memory.h"
#include "peft/labelling.h"
#include "peft/ops.h"

namespace peft::host {
namespace {

constexpr int64_t bytes_of_float = 4;
// Freed tensors leave holes that the next ones do not fill: what the allocator holds beyond what lives.
constexpr double allocator_slack = 0.08;
// The program, the pages of its libraries that are used, their threads. Measured once, with LibTorch 2.13 for
// CPUs, and not in each process: what is resident depends on what the system has in its caches, and a recipe
// must get the same number for `auto` on every day.
constexpr int64_t program_bytes = 165'000'000;
// Examples lie in a file (data/token_store.h): of each, its number, its place in the epoch and its shape are
// in memory. What was touched last of the file is, too, and two chunks of it while it is made.
constexpr int64_t bytes_of_an_example = 64;
constexpr int64_t most_of_the_file = 24'000'000;
constexpr int64_t bytes_of_a_token = sizeof(uint32_t);
// A cache of keys and values grows by doubling: half of it may be unused.
constexpr int64_t cache_slack = 2;

// Whether the task labels texts: then a vocabulary projection there is not computed.
bool labels(const Session& session) {
  return query<Labelling>(*session.task) != nullptr;
}

// What matrix libraries keep for their copies of operands is about as large as the largest of these: logits.
int64_t product_buffer_bytes(const Session& session) {
  const LinearSite* head = session.model().language_head();
  if (head == nullptr || labels(session)) return 0;
  return targets_at_once * head->out * static_cast<int64_t>(head->weight->tensor.element_size());
}

int64_t process_bytes(const Session& session, const RunData& data) {
  int64_t bytes = program_bytes + product_buffer_bytes(session);
  for (const EncodedData* part : {&data.training, &data.held_out_encoded}) {
    bytes += bytes_of_an_example * part->summary.examples +
             std::min(most_of_the_file, bytes_of_a_token * part->summary.tokens);
  }
  return bytes;
}

int64_t base_bytes(const Model& model) {
  int64_t bytes = 0;
  for (const ParameterSite& site : model.sites().parameters)
    bytes += static_cast<int64_t>(site.tensor.nbytes());
  return bytes;
}

// Of weights in files that are not of the run's type: what is in memory of them at once.
int64_t source_bytes(const Recipe& recipe, const Session& session) {
  size_t bytes = 0;
  for (const auto& [parameter, tensor] : session.base.files) {
    if (name(tensor.type) != recipe.dtype)
      bytes = std::max(bytes, std::min(tensor.bytes.size(), converted_at_once));
  }
  return static_cast<int64_t>(bytes);
}

// A model of the recipe's shapes without weights, and its methods. A set outlives the model it is on.
struct Weightless {
  AdapterSet set{trained_set};
  std::unique_ptr<Model> model;

  Weightless(const Recipe& recipe, const Session& session, PluginSet& plugins) {
    BaseTensors tensors;
    for (const ParameterSite& site : session.model().sites().parameters) {
      tensors[site.name] = at::empty(site.tensor.sizes(), site.tensor.options().device(at::kCPU));
    }
    model = session.base.family->build(session.base.plan, tensors);
    Diagnostics known;  // what does not fit has been told of the session's own methods
    attach_methods(recipe, plugins, *model, set, nullptr, known, TensorValues::none);
  }
};

void count_trained(const AdapterSet& set, MemoryParts& parts) {
  for (const MethodInstance& method : set.methods()) {
    for (const MethodTensor& tensor : method.tensors) {
      const auto bytes = static_cast<int64_t>(tensor.tensor.nbytes());
      const bool trained = method.trainable && tensor.trained;
      parts.trained += trained ? 3 * bytes : bytes;
      parts.gradients += trained ? bytes : 0;
      parts.largest = std::max(parts.largest, trained ? bytes : 0);
    }
  }
}

// The longest of the examples held out, as many as `count`.
int64_t longest_together(const EncodedExamples& examples, int64_t count) {
  std::vector<int64_t> lengths;
  lengths.reserve(examples.size());
  for (size_t i = 0; i < examples.size(); ++i) lengths.push_back(examples.shape(i).tokens);
  std::sort(lengths.rbegin(), lengths.rend());
  lengths.resize(std::min(lengths.size(), static_cast<size_t>(count)));
  int64_t tokens = 0;
  for (const int64_t length : lengths) tokens += length;
  return tokens;
}

void count_evaluation(const Recipe& recipe, const Session& session, const RunData& data, PluginSet& plugins,
                      MemoryParts& parts) {
  const EncodedExamples& examples = data.held_out_encoded.examples;
  const int64_t prompt = session.set->prompt_length();
  MetricNeeds needs;
  for (const ComponentChoice& choice : recipe.evaluate.metrics) {
    const MetricNeeds own = plugins.metric(choice.name).create(choice.options)->needs();
    needs.likelihood |= own.likelihood || own.label;
    needs.generation |= own.generation;
  }
  if (needs.likelihood && !examples.empty()) {
    const int64_t longest = longest_together(examples, 1);
    const auto count = static_cast<int64_t>(examples.size());
    const int64_t tokens =
        std::max(longest, std::min(longest_together(examples, count), EvaluationOptions().tokens_per_batch));
    const int64_t mean = std::max<int64_t>(1, longest_together(examples, count) / count);
    const int64_t sequences = std::clamp<int64_t>(tokens / mean, 1, count);
    parts.scored = {.rows = tokens + sequences * prompt, .sequences = sequences};
  }
  if (!needs.generation && recipe.evaluate.prompts.empty()) return;
  const int64_t together =
      std::min<int64_t>(AnswerOptions().prompts_per_batch,
                        std::max<int64_t>(needs.generation ? static_cast<int64_t>(examples.size()) : 0,
                                          static_cast<int64_t>(recipe.evaluate.prompts.size())));
  parts.prefill = {.rows = longest_together(examples, together) + together * prompt, .sequences = together};
  const int64_t of_a_sequence =
      virtual_tokens({session.set.get()}) - prompt + recipe.evaluate.generation.max_new_tokens;
  int64_t of_a_token = 0;
  for (const AttentionSite& site : session.model().sites().attentions) {
    of_a_token += 2 * site.key_value_heads * site.head_size * bytes_of_float;
  }
  parts.key_values = cache_slack * of_a_token * (parts.prefill.rows + together * of_a_sequence);
}

int64_t with_slack(int64_t tensors) {
  return tensors + static_cast<int64_t>(allocator_slack * static_cast<double>(tensors));
}

}  // namespace

int64_t memory_at_rest(const Session& session, const RunData& data) {
  MemoryParts parts;
  count_trained(*session.set, parts);
  return process_bytes(session, data) + base_bytes(session.model()) + parts.trained + parts.gradients;
}

MemoryParts measure_memory(const Recipe& recipe, const Session& session, const RunData& data,
                           PluginSet& plugins) {
  MemoryParts parts;
  parts.process = process_bytes(session, data);
  parts.base = base_bytes(session.model());
  parts.source = source_bytes(recipe, session);
  parts.products = compiled_products(recipe, session);
  count_trained(*session.set, parts);
  count_evaluation(recipe, session, data, plugins, parts);
  {
    TensorMemory memory;
    Weightless weightless(recipe, session, plugins);
    parts.activations =
        measure_activations(*weightless.model, weightless.set, recipe.train.recompute == "blocks", memory);
    if (labels(session)) {
      parts.activations.loss = {};
      parts.activations.loss_kept = {};
      parts.activations.scoring = {};
    }
  }
  return_free_memory();  // what measuring took, before weights come
  return parts;
}

MemoryPeak predict_peak(const MemoryParts& parts, const std::vector<MicrobatchSize>& microbatches) {
  MemoryPeak peak;
  const int64_t standing = parts.process + parts.base + parts.products.bytes(microbatches.size());
  const auto phase = [&](std::string_view name, int64_t tensors) {
    const int64_t bytes = standing + with_slack(tensors);
    if (bytes > peak.bytes) peak = {bytes, name};
  };
  phase("reading the base weights", parts.source);
  const ActivationBytes& activations = parts.activations;
  for (const MicrobatchSize& size : microbatches) {
    const ComputedRows computed{.rows = size.tokens, .sequences = size.sequences};
    const int64_t before = parts.trained + (size.first ? 0 : parts.gradients);
    phase("training", before + activations.of_forward_and_loss(computed));
    phase("training", before + activations.of_backward(computed, size.first ? parts.gradients : 0));
  }
  // AdamW takes two tensors of a tensor's size for its denominator.
  phase("updating what is trained", parts.trained + parts.gradients + 2 * parts.largest);
  // A checkpoint is written from the tensors as they are, and read back one at a time.
  phase("saving a checkpoint", parts.trained + parts.largest);
  if (parts.scored.rows > 0) phase("evaluating", parts.trained + activations.of_scoring(parts.scored));
  if (parts.prefill.rows > 0) {
    phase("generating", parts.trained + parts.key_values + activations.inference.at(parts.prefill));
  }
  return peak;
}

}  // namespace peft::host
