// Source files to encoded examples, in one pass.
#pragma once

#include <cstddef>
#include <memory>

#include "data/encoding.h"
#include "data/read_examples.h"
#include "data/token_file.h"

namespace peft::host {

// Reads all examples and encodes the first `limit` of them, so many threads, into the file, which it
// finishes. A chunk of a few megabytes is encoded while the next is read: in memory are two of them and what
// reading takes, whatever the size of the files. What comes out, counts and errors included, does not depend
// on the number of threads.
//
// Throws what reading throws, and what the task throws for the first example for which it does, as
// `FILE:LINE: error: …` where the example is of one row; with `BadRows::skip` such an example is left out and
// counted. Throws `peft::Error` where no example comes out, saying what was read and what was left out.
std::shared_ptr<const TokenStore> encode_source(const Encoding& encoding, const DataSource& source,
                                                size_t limit, size_t threads, TokenFile& file);

}  // namespace peft::host
