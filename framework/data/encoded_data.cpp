#include "data/encoded_data.h"

#include <algorithm>
#include <utility>

#include "base/xxh3.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// Lengths are hashed too, so that no two different examples give the same bytes.
void hash_numbers(const std::vector<int64_t>& numbers, Xxh3& hash) {
  const uint64_t size = numbers.size();
  hash.update(&size, sizeof size);
  hash.update(numbers.data(), numbers.size() * sizeof(int64_t));
}

void hash_sequences(const std::vector<EncodedSequence>& sequences, Xxh3& hash) {
  const uint64_t size = sequences.size();
  hash.update(&size, sizeof size);
  for (const EncodedSequence& sequence : sequences) {
    hash_numbers(sequence.ids, hash);
    hash_numbers(sequence.labels, hash);
  }
}

}  // namespace

EncodedData select_examples(std::shared_ptr<const TokenStore> store, const std::vector<size_t>& numbers,
                            int64_t max_length) {
  EncodeSummary summary;
  std::vector<size_t> kept;
  for (const size_t number : numbers) {
    store->add_counts(number, summary.counts);
    if (!store->has_target(number)) continue;
    kept.push_back(number);
    const ExampleShape shape = store->shape(number);
    summary.tokens += shape.tokens;
    summary.longest = std::max(summary.longest, shape.longest);
  }
  summary.examples = static_cast<int64_t>(kept.size());
  summary.skipped = static_cast<int64_t>(numbers.size() - kept.size());
  summary.counts.add("examples left without a target", summary.skipped);
  if (kept.empty() && !numbers.empty()) {
    throw Error("found no example with a target left (" + to_text(summary.counts) +
                "), expected at least one; data.max_length is " + std::to_string(max_length) +
                ": raise it, or check what the data's last turns are");
  }
  return {.examples = {std::move(store), std::move(kept)}, .summary = std::move(summary)};
}

std::string content_hash(const EncodedExamples& examples) {
  Xxh3 hash;
  for (size_t i = 0; i < examples.size(); ++i) {
    const EncodedExample example = examples[i];
    hash.update(&example.index, sizeof example.index);
    hash.update(&example.target, sizeof example.target);
    hash_sequences(example.inputs, hash);
    hash_sequences(example.decoder_inputs, hash);
  }
  return "xxh3-128:" + hash.finish();
}

}  // namespace peft::host
