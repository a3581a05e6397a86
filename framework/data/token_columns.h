// Encoded examples as columns, while they are being collected: a 32-bit number a token instead of two of 64.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/byte_stream.h"
#include "data/counts.h"
#include "peft/batch.h"
#include "peft/example.h"

namespace peft::host {

class TokenColumns {
 public:
  // The bit of a token that is a target.
  static constexpr uint32_t target_bit = uint32_t{1} << 31;

  // The next example: as it was read, as the task encoded it (nothing: it has no target left), and what was
  // shortened. Its `index` is not kept: it is its place. Throws `peft::Error` where ids or labels are not as
  // peft/batch.h says.
  void add(const Example& example, const std::optional<EncodedExample>& encoded, const Counts& counts);
  // The next example, of which only the group is of interest. None may be added by `add` behind it.
  void add_group(const Example& example);

  // The other's examples after these.
  void append(const TokenColumns& other);

  size_t encoded() const { return kept_.size(); }
  size_t examples() const { return groups_across_.size(); }

  void write(ByteWriter& bytes) const;

 private:
  void add(const EncodedSequence& sequence);
  uint32_t number_of(const std::string& what);

  // A column of `begins` says where each example's (or sequence's) part of another begins, and where the last
  // one ends.
  ByteWriter contents_;  // as they were read
  std::vector<uint64_t> content_begins_ = {0};
  std::string groups_;
  std::vector<uint64_t> group_begins_ = {0};
  std::vector<uint64_t> groups_across_;  // see example_group.h

  std::vector<uint8_t> kept_;
  std::vector<double> targets_;
  std::vector<uint32_t> inputs_;  // sequences; the others of an example are its decoder's
  std::vector<uint64_t> sequence_begins_ = {0};

  std::vector<uint8_t> labelled_;  // per sequence: whether it has labels at all
  std::vector<uint64_t> token_begins_ = {0};
  std::vector<uint32_t> tokens_;  // id, and `target_bit`

  std::vector<std::string> whats_;    // of counts
  std::vector<uint64_t> counted_in_;  // an example's place, rising
  std::vector<uint32_t> counted_what_;
  std::vector<int64_t> counted_times_;
};

}  // namespace peft::host
