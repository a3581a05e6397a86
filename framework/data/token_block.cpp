#include "data/token_block.h"

#include <algorithm>

#include "data/example_bytes.h"
#include "data/token_columns.h"
#include "peft/error.h"

namespace peft::host {
namespace {

void require(bool holds) {
  if (!holds) throw Error("the bytes of encoded examples contradict themselves");
}

// Where `count` parts of a column of `total` begin, and where the last one ends.
void require_begins(std::span<const uint64_t> begins, size_t count, size_t total) {
  require(begins.size() == count + 1 && begins.front() == 0 && begins.back() == total &&
          std::is_sorted(begins.begin(), begins.end()));
}

}  // namespace

TokenBlock::TokenBlock(std::string_view bytes) {
  ByteReader reader(bytes);
  for (auto left = reader.number<uint64_t>(); left > 0; --left) whats_.push_back(reader.text());
  counted_in_ = reader.array<uint64_t>();
  counted_what_ = reader.array<uint32_t>();
  counted_times_ = reader.array<int64_t>();
  contents_ = reader.text();
  content_begins_ = reader.array<uint64_t>();
  groups_ = reader.text();
  group_begins_ = reader.array<uint64_t>();
  groups_across_ = reader.array<uint64_t>();
  kept_ = reader.array<uint8_t>();
  targets_ = reader.array<double>();
  inputs_ = reader.array<uint32_t>();
  sequence_begins_ = reader.array<uint64_t>();
  labelled_ = reader.array<uint8_t>();
  token_begins_ = reader.array<uint64_t>();
  tokens_ = reader.array<uint32_t>();
  require(reader.at_end());
  check();
}

void TokenBlock::check() const {
  const size_t count = kept_.size();
  require(groups_across_.size() >= count && targets_.size() == count && inputs_.size() == count);
  require_begins(content_begins_, count, contents_.size());
  require_begins(group_begins_, count, groups_.size());
  require_begins(sequence_begins_, count, labelled_.size());
  require_begins(token_begins_, labelled_.size(), tokens_.size());
  for (size_t i = 0; i < count; ++i) require(inputs_[i] <= sequence_begins_[i + 1] - sequence_begins_[i]);
  require(counted_what_.size() == counted_in_.size() && counted_times_.size() == counted_in_.size());
  for (const uint32_t what : counted_what_) require(what < whats_.size());
}

std::string_view TokenBlock::group(size_t place) const {
  return groups_.substr(group_begins_[place], group_begins_[place + 1] - group_begins_[place]);
}

Example TokenBlock::example(size_t place) const {
  const uint64_t begin = content_begins_[place];
  return {.content = read_content(ByteReader(contents_.substr(begin, content_begins_[place + 1] - begin))),
          .group = std::string(group(place))};
}

EncodedSequence TokenBlock::sequence(size_t place) const {
  const auto tokens = tokens_.subspan(token_begins_[place], token_begins_[place + 1] - token_begins_[place]);
  EncodedSequence sequence;
  sequence.ids.reserve(tokens.size());
  for (const uint32_t token : tokens) sequence.ids.push_back(token & ~TokenColumns::target_bit);
  if (labelled_[place] == 0) return sequence;
  sequence.labels.reserve(tokens.size());
  for (const uint32_t token : tokens) {
    const bool target = (token & TokenColumns::target_bit) != 0;
    sequence.labels.push_back(target ? token & ~TokenColumns::target_bit : no_target);
  }
  return sequence;
}

EncodedExample TokenBlock::encoded(size_t place) const {
  EncodedExample example;
  example.target = targets_[place];
  const uint64_t begin = sequence_begins_[place];
  const uint64_t decoder = begin + inputs_[place];
  for (uint64_t i = begin; i < decoder; ++i) example.inputs.push_back(sequence(i));
  for (uint64_t i = decoder; i < sequence_begins_[place + 1]; ++i) {
    example.decoder_inputs.push_back(sequence(i));
  }
  return example;
}

ExampleShape TokenBlock::shape(size_t place) const {
  ExampleShape shape;
  for (uint64_t i = sequence_begins_[place]; i < sequence_begins_[place + 1]; ++i) {
    shape.add(static_cast<int64_t>(token_begins_[i + 1] - token_begins_[i]));
  }
  return shape;
}

void TokenBlock::add_counts(size_t place, Counts& counts) const {
  const auto [first, last] = std::equal_range(counted_in_.begin(), counted_in_.end(), uint64_t{place});
  for (auto i = first; i != last; ++i) {
    const auto at = static_cast<size_t>(i - counted_in_.begin());
    counts.add(whats_[counted_what_[at]], counted_times_[at]);
  }
}

}  // namespace peft::host
