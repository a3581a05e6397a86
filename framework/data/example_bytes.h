// Examples as bytes, and back: so that what evaluation asks of a few (their texts, their groups) need not be
// read from the data's files again.
#pragma once

#include "data/byte_stream.h"
#include "peft/example.h"

namespace peft::host {

// The group comes first: it can be read alone.
void write_example(const Example& example, ByteWriter& bytes);
// Throws `peft::Error` for bytes that no example gave.
Example read_example(ByteReader bytes);

}  // namespace peft::host
