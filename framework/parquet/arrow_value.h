// Arrow's columns as plain values.
#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <cstdint>

#include "peft/value.h"

namespace peft::host {

// What a type becomes:
// - booleans, integers and floating-point numbers: themselves (an unsigned integer too large for `Value`, a
//   number);
// - decimals: an integer where nothing stands behind the point and it fits, else the nearest number;
// - text, and bytes: text, malformed UTF-8 replaced by U+FFFD and counted;
// - dates, times and timestamps: text as ISO 8601 writes them, "2023-05-05T12:30:00.250Z" (the Z where the
// column
//   has a time zone, whichever: such timestamps are stored in UTC); durations: an integer, in the column's
//   unit;
// - lists of any kind: a list; structs, and maps whose keys are text: a map; other maps: a list of maps {key,
//   value};
// - dictionaries and extensions: what they stand for.
class ArrowValues {
 public:
  // Element `index` of `array`. Throws `peft::Error` naming a type that is none of these.
  Value read(const arrow::Array& array, int64_t index);

  // Malformed UTF-8 sequences replaced so far.
  size_t replaced_characters() const { return replaced_; }

 private:
  template <class ListArray>
  Value list(const ListArray& array, int64_t index);
  Value map(const arrow::MapArray& array, int64_t index);
  Value structure(const arrow::StructArray& array, int64_t index);
  template <class TextArray>
  Value text(const TextArray& array, int64_t index);

  size_t replaced_ = 0;
};

}  // namespace peft::host
