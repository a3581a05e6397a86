#include "packed_rows.h"

namespace peft {

PackedRows lay_out(const PackedSequences& sequences, int64_t prompt,
                   const std::vector<int64_t>& first_positions) {
  PackedRows packed;
  packed.rows.offsets.push_back(0);
  for (int64_t s = 0; s < sequences.sequences(); ++s) {
    const int64_t begin = sequences.offsets[s];
    const int64_t length = prompt + sequences.offsets[s + 1] - begin;
    for (int64_t place = 0; place < length; ++place) {
      const bool is_virtual = place < prompt;
      if (!is_virtual) packed.real.push_back(static_cast<int64_t>(packed.source.size()));
      packed.source.push_back(is_virtual ? place : begin + place);  // prompt + (begin + place - prompt)
      packed.positions.push_back(first_positions[s] + place);
      packed.rows.example.push_back(sequences.examples[s]);
      packed.rows.place.push_back(place);
    }
    packed.rows.offsets.push_back(static_cast<int64_t>(packed.source.size()));
  }
  return packed;
}

Rows some_rows(const Rows& rows, std::span<const int64_t> chosen) {
  Rows some;
  for (const int64_t row : chosen) {
    some.example.push_back(rows.example[static_cast<size_t>(row)]);
    some.place.push_back(rows.place[static_cast<size_t>(row)]);
  }
  return some;
}

}  // namespace peft
