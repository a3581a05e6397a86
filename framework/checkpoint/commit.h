// Writing a checkpoint so that a crash, a full disk or a power cut at any moment leaves the one before in
// force.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/file_operations.h"

namespace peft::host {

struct Committed {
  std::filesystem::path path;
  uint64_t bytes = 0;
  std::string sha256;  // of the whole file
  // Older checkpoints that should have been removed and could not be. The checkpoint itself is safe.
  std::vector<std::string> warnings;
};

// Writes `folder`/step-N.h5 (the folder is created where it is missing), reads it back and compares it with
// `checkpoint`, brings it to the disk, and only then lets LATEST name it. Then removes checkpoints of earlier
// steps until `keep` are left, this one included; 0 keeps all. Those of later steps, which a run leaves
// behind that went back to an earlier one, are neither counted nor removed. The same checkpoint gives the
// same bytes. One writer a folder.
//
// Throws `peft::Error` where any step fails. LATEST then names what it named before, and that file is
// untouched, unless it is of the same step: then `read_latest` finds the new file, complete, and says so.
Committed write_checkpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint, int64_t keep);
Committed write_checkpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint, int64_t keep,
                           FileOperations& operations);

}  // namespace peft::host
