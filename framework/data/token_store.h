// The examples of source files, as they were read and as a task encodes them, in a file that is mapped.
//
// In memory: what was touched last, and nothing an example; data may be larger than it. Examples come from it
// in the same way whether it was made a moment ago or by an earlier run (see token_cache.h), so that a cached
// run cannot differ from one that encodes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "data/counts.h"
#include "data/encoded_examples.h"
#include "data/token_block.h"
#include "peft/example.h"

namespace peft::host {

// What was read beside the examples.
struct SourceSummary {
  int64_t rows = 0;
  int64_t examples = 0;  // that were read: more than are encoded where only the first were wanted
  Counts counts;         // what the dataset had to tell
};

// Immutable: any thread may read.
class TokenStore : public EncodedSource {
 public:
  // Of the bytes that TokenFile wrote, which lie in `file` and begin at a multiple of 8. Throws `peft::Error`
  // where they contradict themselves.
  TokenStore(std::string_view bytes, std::shared_ptr<const MappedFile> file);

  const SourceSummary& summary() const { return summary_; }
  // Examples that are encoded: the first ones.
  size_t size() const { return size_; }

  // The group of each of them.
  std::vector<std::string_view> groups() const;
  // The group, as example_group.h tells it across sources, of each example that was read.
  std::vector<uint64_t> groups_across_sources() const;
  // As it was read.
  Example example(size_t number) const;
  bool has_target(size_t number) const;
  // As it was encoded; empty where it has no target left.
  EncodedExample encoded(size_t number) const override;
  ExampleShape shape(size_t number) const override;
  // Adds what was shortened when it was encoded.
  void add_counts(size_t number, Counts& counts) const;

  std::string_view bytes() const { return bytes_; }

 private:
  struct Place {
    const TokenBlock& block;
    size_t place;
  };
  Place place_of(size_t number) const;
  // Gives back the memory behind what was read, each time that much may have been.
  void touched(size_t cost) const;

  std::string_view bytes_;
  std::shared_ptr<const MappedFile> file_;
  SourceSummary summary_;
  std::vector<TokenBlock> blocks_;
  std::vector<size_t> block_begins_;  // the number of each block's first encoded example
  size_t size_ = 0;
  mutable std::atomic<size_t> cost_ = 0;  // of what was touched
};

}  // namespace peft::host
