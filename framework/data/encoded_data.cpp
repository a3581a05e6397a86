#include "data/encoded_data.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/sha256.h"
#include "peft/error.h"

namespace peft::host {
namespace {

void count_tokens(const EncodedExample& example, EncodeSummary& summary) {
  for (const auto* sequences : {&example.inputs, &example.decoder_inputs}) {
    for (const EncodedSequence& sequence : *sequences) {
      const auto tokens = static_cast<int64_t>(sequence.ids.size());
      summary.tokens += tokens;
      summary.longest = std::max(summary.longest, tokens);
    }
  }
}

// Lengths are hashed too, so that no two different examples give the same bytes.
void hash_numbers(const std::vector<int64_t>& numbers, Sha256& hash) {
  const uint64_t size = numbers.size();
  hash.update(&size, sizeof size);
  hash.update(numbers.data(), numbers.size() * sizeof(int64_t));
}

void hash_sequences(const std::vector<EncodedSequence>& sequences, Sha256& hash) {
  const uint64_t size = sequences.size();
  hash.update(&size, sizeof size);
  for (const EncodedSequence& sequence : sequences) {
    hash_numbers(sequence.ids, hash);
    hash_numbers(sequence.labels, hash);
  }
}

}  // namespace

EncodedData encode_examples(const Task& task, const std::vector<Example>& examples,
                            const std::vector<size_t>& numbers, HostEncodeContext& context) {
  EncodedData data;
  EncodeSummary& summary = data.summary;
  for (const size_t number : numbers) {
    std::optional<EncodedExample> encoded = task.encode(examples.at(number), context);
    if (!encoded) {
      ++summary.skipped;
      continue;
    }
    encoded->index = static_cast<int64_t>(number);
    ++summary.examples;
    summary.targets += task.target_count(*encoded, 0);
    count_tokens(*encoded, summary);
    data.examples.push_back(std::move(*encoded));
  }
  summary.counts = context.counts();
  summary.counts.add("examples left without a target", summary.skipped);
  if (data.examples.empty() && !numbers.empty()) {
    throw Error("found no example with a target left (" + to_text(summary.counts) +
                "), expected at least one; data.max_length is " + std::to_string(context.max_length()) +
                ": raise it, or check what the data's last turns are");
  }
  return data;
}

EncodedData encode_examples(const Task& task, const std::vector<Example>& examples,
                            HostEncodeContext& context) {
  std::vector<size_t> numbers(examples.size());
  std::iota(numbers.begin(), numbers.end(), size_t{0});
  return encode_examples(task, examples, numbers, context);
}

std::string content_hash(const std::vector<EncodedExample>& examples) {
  Sha256 hash;
  for (const EncodedExample& example : examples) {
    hash.update(&example.index, sizeof example.index);
    hash.update(&example.target, sizeof example.target);
    hash_sequences(example.inputs, hash);
    hash_sequences(example.decoder_inputs, hash);
  }
  return hash.finish();
}

}  // namespace peft::host
