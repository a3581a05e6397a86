// Some consecutive examples of a token store, as they lie in its bytes: what TokenColumns wrote.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/byte_stream.h"
#include "data/counts.h"
#include "data/encoded_examples.h"
#include "peft/batch.h"
#include "peft/example.h"

namespace peft::host {

// A view: the bytes, which begin at a multiple of 8, must outlive it. Examples go by their place in the
// block.
class TokenBlock {
 public:
  // Throws `peft::Error` where the bytes contradict themselves.
  explicit TokenBlock(std::string_view bytes);

  size_t encoded() const { return kept_.size(); }
  // The encoded ones and those behind them of which only the group is known.
  size_t examples() const { return groups_across_.size(); }

  // The group of each encoded example, of each example.
  std::string_view group(size_t place) const;
  uint64_t group_across_sources(size_t place) const { return groups_across_[place]; }

  Example example(size_t place) const;
  bool has_target(size_t place) const { return kept_[place] != 0; }
  // Without its `index`.
  EncodedExample encoded(size_t place) const;
  ExampleShape shape(size_t place) const;
  // Adds what was shortened.
  void add_counts(size_t place, Counts& counts) const;

 private:
  void check() const;
  EncodedSequence sequence(size_t place) const;

  std::vector<std::string_view> whats_;
  // Columns: see TokenColumns.
  std::span<const uint64_t> counted_in_;
  std::span<const uint32_t> counted_what_;
  std::span<const int64_t> counted_times_;
  std::string_view contents_;
  std::span<const uint64_t> content_begins_;
  std::string_view groups_;
  std::span<const uint64_t> group_begins_;
  std::span<const uint64_t> groups_across_;
  std::span<const uint8_t> kept_;
  std::span<const double> targets_;
  std::span<const uint32_t> inputs_;
  std::span<const uint64_t> sequence_begins_;
  std::span<const uint8_t> labelled_;
  std::span<const uint64_t> token_begins_;
  std::span<const uint32_t> tokens_;
};

}  // namespace peft::host
