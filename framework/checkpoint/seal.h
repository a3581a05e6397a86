// The first 512 bytes of a checkpoint file: size and SHA-256 of the rest, in plain text.
//
// Why: HDF5 opens some damaged files without a word and crashes on others, and Fletcher32 covers neither its
// indexes nor its headers. So a reader compares the file with its seal before HDF5 sees it; the seal is
// written last. HDF5 calls such a block a user block, and its tools skip it. `head -c 512` shows it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "checkpoint/file_operations.h"

namespace peft::host {

inline constexpr uint64_t seal_bytes = 512;

struct Seal {
  int64_t format_version = 0;
  uint64_t file_bytes = 0;  // of the whole file, the seal included
  std::string sha256;       // of what follows the seal

  bool operator==(const Seal& other) const = default;
};

// The seal that a file which lies complete at `path` must get. Reads the file.
Seal seal_for(const std::filesystem::path& path);

void write_seal(FileOperations& operations, const OpenFile& file, const Seal& seal);

// Throws `peft::Error`, without naming the file, where it has no seal, is of another size than its seal says,
// or of a format version that this build does not know. Does not read what follows the seal.
Seal read_seal(const std::filesystem::path& path);

// As `read_seal`, and also throws where the rest of the file differs from the seal's SHA-256.
void require_intact(const std::filesystem::path& path);

}  // namespace peft::host
