#include "data/token_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "data/example_bytes.h"
#include "peft/error.h"

namespace peft::host {
namespace {

std::shared_ptr<const std::string> written(const SourceSummary& summary, const TokenColumns& columns) {
  ByteWriter bytes;
  bytes.number(summary.rows);
  bytes.number(summary.examples);
  bytes.number<uint64_t>(summary.counts.entries().size());
  for (const auto& [what, times] : summary.counts.entries()) {
    bytes.text(what);
    bytes.number(times);
  }
  columns.write(bytes);
  return std::make_shared<const std::string>(bytes.take());
}

void require(bool holds) {
  if (!holds) throw Error("the bytes of encoded examples contradict themselves");
}

// Where each part begins, and where the last ends: that must be `total`.
template <class Sizes>
std::vector<uint64_t> begins(const Sizes& sizes, uint64_t total) {
  std::vector<uint64_t> places = {0};
  places.reserve(sizes.size() + 1);
  for (const uint64_t size : sizes) {
    require(size <= total - places.back());
    places.push_back(places.back() + size);
  }
  require(places.back() == total);
  return places;
}

}  // namespace

TokenStore::TokenStore(const SourceSummary& summary, const TokenColumns& columns)
    : TokenStore([&] {
        auto bytes = written(summary, columns);
        const std::string_view view = *bytes;
        return TokenStore(view, std::move(bytes));
      }()) {}

TokenStore TokenStore::open(std::string_view bytes, std::shared_ptr<const void> owner) {
  return TokenStore(bytes, std::move(owner));
}

TokenStore::TokenStore(std::string_view bytes, std::shared_ptr<const void> owner)
    : bytes_(bytes), owner_(std::move(owner)) {
  ByteReader reader(bytes);
  summary_.rows = reader.number<int64_t>();
  summary_.examples = reader.number<int64_t>();
  for (auto left = reader.number<uint64_t>(); left > 0; --left) {
    const std::string_view what = reader.text();
    summary_.counts.add(what, reader.number<int64_t>());
  }
  for (auto left = reader.number<uint64_t>(); left > 0; --left) whats_.push_back(reader.text());
  counted_in_ = reader.array<uint64_t>();
  counted_what_ = reader.array<uint32_t>();
  counted_times_ = reader.array<int64_t>();
  examples_ = reader.text();
  const auto example_bytes = reader.array<uint64_t>();
  kept_ = reader.array<uint8_t>();
  targets_ = reader.array<double>();
  inputs_ = reader.array<uint32_t>();
  decoder_inputs_ = reader.array<uint32_t>();
  labelled_ = reader.array<uint8_t>();
  const auto lengths = reader.array<uint32_t>();
  tokens_ = reader.array<uint32_t>();
  require(reader.at_end());

  const size_t count = kept_.size();
  require(example_bytes.size() == count && targets_.size() == count && inputs_.size() == count &&
          decoder_inputs_.size() == count && lengths.size() == labelled_.size());
  require(counted_what_.size() == counted_in_.size() && counted_times_.size() == counted_in_.size());
  for (const uint32_t what : counted_what_) require(what < whats_.size());
  example_begins_ = begins(example_bytes, examples_.size());
  std::vector<uint64_t> sequences(count);
  for (size_t i = 0; i < count; ++i) sequences[i] = uint64_t{inputs_[i]} + decoder_inputs_[i];
  sequence_begins_ = begins(sequences, labelled_.size());
  token_begins_ = begins(lengths, tokens_.size());
}

std::string_view TokenStore::example_bytes(size_t number) const {
  return examples_.substr(example_begins_[number], example_begins_[number + 1] - example_begins_[number]);
}

std::vector<std::string_view> TokenStore::groups() const {
  std::vector<std::string_view> groups;
  groups.reserve(size());
  for (size_t i = 0; i < size(); ++i) groups.push_back(ByteReader(example_bytes(i)).text());
  return groups;
}

Example TokenStore::example(size_t number) const {
  return read_example(ByteReader(example_bytes(number)));
}

EncodedSequence TokenStore::sequence(size_t number) const {
  const auto tokens =
      tokens_.subspan(token_begins_[number], token_begins_[number + 1] - token_begins_[number]);
  EncodedSequence sequence;
  sequence.ids.reserve(tokens.size());
  for (const uint32_t token : tokens) sequence.ids.push_back(token & ~TokenColumns::target_bit);
  if (labelled_[number] == 0) return sequence;
  sequence.labels.reserve(tokens.size());
  for (const uint32_t token : tokens) {
    const bool target = (token & TokenColumns::target_bit) != 0;
    sequence.labels.push_back(target ? token & ~TokenColumns::target_bit : no_target);
  }
  return sequence;
}

EncodedExample TokenStore::encoded(size_t number) const {
  EncodedExample example;
  example.target = targets_[number];
  example.index = static_cast<int64_t>(number);
  const uint64_t begin = sequence_begins_[number];
  const uint64_t decoder = begin + inputs_[number];
  for (uint64_t i = begin; i < decoder; ++i) example.inputs.push_back(sequence(i));
  for (uint64_t i = decoder; i < sequence_begins_[number + 1]; ++i) {
    example.decoder_inputs.push_back(sequence(i));
  }
  return example;
}

void TokenStore::add_counts(size_t number, Counts& counts) const {
  const auto [first, last] = std::equal_range(counted_in_.begin(), counted_in_.end(), uint64_t{number});
  for (auto i = first; i != last; ++i) {
    const auto at = static_cast<size_t>(i - counted_in_.begin());
    counts.add(whats_[counted_what_[at]], counted_times_[at]);
  }
}

}  // namespace peft::host
