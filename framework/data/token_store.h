// The examples of source files, as they were read and as a task encodes them, in one block of bytes.
//
// It is what the token cache keeps. Examples come from it in the same way whether it was made a moment ago or
// lies mapped in a file, so that a cached run cannot differ from one that encodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "data/counts.h"
#include "data/example_list.h"
#include "data/token_columns.h"
#include "peft/batch.h"
#include "peft/example.h"

namespace peft::host {

// What was read beside the examples.
struct SourceSummary {
  int64_t rows = 0;
  int64_t examples = 0;  // that were read: more than are encoded where only the first were wanted
  Counts counts;         // what the dataset had to tell
};

// Immutable: any thread may read.
class TokenStore {
 public:
  TokenStore(const SourceSummary& summary, const TokenColumns& columns);

  // Of a store's `bytes()`, which `owner` keeps and which begin at a multiple of 8. Throws `peft::Error`
  // where they contradict themselves.
  static TokenStore open(std::string_view bytes, std::shared_ptr<const void> owner);

  const SourceSummary& summary() const { return summary_; }
  size_t size() const { return kept_.size(); }

  // The group of each example.
  std::vector<std::string_view> groups() const;
  // As it was read.
  Example example(size_t number) const;
  bool has_target(size_t number) const { return kept_[number] != 0; }
  // As it was encoded; empty where it has no target left.
  EncodedExample encoded(size_t number) const;
  // Adds what was shortened when it was encoded.
  void add_counts(size_t number, Counts& counts) const;

  std::string_view bytes() const { return bytes_; }

 private:
  TokenStore(std::string_view bytes, std::shared_ptr<const void> owner);
  std::string_view example_bytes(size_t number) const;
  EncodedSequence sequence(size_t number) const;

  std::string_view bytes_;
  std::shared_ptr<const void> owner_;

  SourceSummary summary_;
  std::vector<std::string_view> whats_;
  // Columns, in the bytes: see TokenColumns.
  std::span<const uint64_t> counted_in_;
  std::span<const uint32_t> counted_what_;
  std::span<const int64_t> counted_times_;
  std::string_view examples_;
  std::span<const uint8_t> kept_;
  std::span<const double> targets_;
  std::span<const uint32_t> inputs_;
  std::span<const uint32_t> decoder_inputs_;
  std::span<const uint8_t> labelled_;
  std::span<const uint32_t> tokens_;
  // Where each begins; one more than there are.
  std::vector<uint64_t> example_begins_;
  std::vector<uint64_t> sequence_begins_;
  std::vector<uint64_t> token_begins_;
};

}  // namespace peft::host
