// A checkpoint's content as an HDF5 file.
#pragma once

#include <cstdint>

#include "checkpoint/checkpoint.h"
#include "checkpoint/file_operations.h"
#include "checkpoint/manifest.h"

namespace peft::host {

// Fills `file`, which is empty, leaving the first `user_block` bytes (512 or a larger power of two) zero for
// the caller. The same checkpoint gives the same bytes. Nothing is synced. Throws `peft::Error` on the first
// write that fails; the file is then of no use.
void write_hdf5(FileOperations& operations, const OpenFile& file, uint64_t user_block,
                const Checkpoint& checkpoint, const Manifest& manifest);

}  // namespace peft::host
