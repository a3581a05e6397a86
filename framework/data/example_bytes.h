// What examples hold as bytes, and back: so that what evaluation asks of a few (their texts) need not be read
// from the data's files again.
#pragma once

#include <cstddef>

#include "data/byte_stream.h"
#include "peft/example.h"

namespace peft::host {

using ExampleContent = decltype(Example::content);

void write_content(const ExampleContent& content, ByteWriter& bytes);
// Throws `peft::Error` for bytes that no content gave.
ExampleContent read_content(ByteReader bytes);

}  // namespace peft::host
