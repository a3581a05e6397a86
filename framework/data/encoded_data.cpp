#include "data/encoded_data.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include "base/parallel.h"
#include "base/xxh3.h"
#include "data/example_tokens.h"
#include "peft/error.h"

namespace peft::host {
namespace {

constexpr size_t range_size = 64;  // examples: a millisecond or two, far above what handing them out costs

void count_tokens(const EncodedExample& example, EncodeSummary& summary) {
  for_each_sequence(example, [&](const EncodedSequence& sequence) {
    const auto tokens = static_cast<int64_t>(sequence.ids.size());
    summary.tokens += tokens;
    summary.longest = std::max(summary.longest, tokens);
  });
}

void add(const EncodeSummary& part, EncodeSummary& summary) {
  summary.tokens += part.tokens;
  summary.targets += part.targets;
  summary.longest = std::max(summary.longest, part.longest);
}

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

TokenStore encode_examples(const Encoding& encoding, const ExampleList& list, size_t limit, size_t threads) {
  const size_t count = std::min(list.examples.size(), limit);
  std::vector<TokenColumns> parts((count + range_size - 1) / range_size);
  for_each_range(count, range_size, threads, [&](size_t begin, size_t end) {
    TokenColumns& part = parts[begin / range_size];
    for (size_t i = begin; i < end; ++i) {
      // A context an example, so that its counts are its own.
      HostEncodeContext context(encoding.codec, encoding.form, encoding.settings);
      const std::optional<EncodedExample> encoded = encoding.task.encode(list.examples[i], context);
      part.add(list.examples[i], encoded, context.counts());
    }
  });
  TokenColumns columns;
  for (TokenColumns& part : parts) {
    columns.append(part);
    part = TokenColumns();  // its memory
  }
  return TokenStore(
      {.rows = list.rows, .examples = static_cast<int64_t>(list.examples.size()), .counts = list.counts},
      columns);
}

EncodedData select_examples(const TokenStore& store, const std::vector<size_t>& numbers,
                            const Encoding& encoding, size_t threads) {
  EncodedData data;
  EncodeSummary& summary = data.summary;
  std::vector<size_t> kept;
  for (const size_t number : numbers) {
    store.add_counts(number, summary.counts);
    if (store.has_target(number)) kept.push_back(number);
  }
  summary.skipped = static_cast<int64_t>(numbers.size() - kept.size());
  summary.counts.add("examples left without a target", summary.skipped);
  if (kept.empty() && !numbers.empty()) {
    throw Error("found no example with a target left (" + to_text(summary.counts) +
                "), expected at least one; data.max_length is " +
                std::to_string(encoding.settings.max_length) +
                ": raise it, or check what the data's last turns are");
  }
  data.examples.resize(kept.size());
  std::mutex mutex;
  for_each_range(kept.size(), range_size, threads, [&](size_t begin, size_t end) {
    EncodeSummary part;
    for (size_t i = begin; i < end; ++i) {
      data.examples[i] = store.encoded(kept[i]);
      part.targets += encoding.task.target_count(data.examples[i], 0);
      count_tokens(data.examples[i], part);
    }
    const std::lock_guard lock(mutex);
    add(part, summary);
  });
  summary.examples = static_cast<int64_t>(kept.size());
  return data;
}

std::string content_hash(const std::vector<EncodedExample>& examples) {
  Xxh3 hash;
  for (const EncodedExample& example : examples) {
    hash.update(&example.index, sizeof example.index);
    hash.update(&example.target, sizeof example.target);
    hash_sequences(example.inputs, hash);
    hash_sequences(example.decoder_inputs, hash);
  }
  return "xxh3-128:" + hash.finish();
}

}  // namespace peft::host
