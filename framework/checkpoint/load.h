// Reading checkpoints back, verified.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/manifest.h"
#include "peft/value.h"

namespace peft::host {

// Verified in full: seal, manifest, every tensor and every metadata entry. Throws `peft::Error` naming the
// file and what is wrong with it.
Checkpoint read_checkpoint(const std::filesystem::path& path);

// What a checkpoint says of itself.
struct CheckpointDescription {
  Manifest manifest;
  Value metadata;  // a map
};

// Without its tensors in memory, for those who only tell what is in it. The file is compared with its seal,
// and the metadata with the manifest. Throws as `read_checkpoint`.
CheckpointDescription read_description(const std::filesystem::path& path);

struct LoadedCheckpoint {
  Checkpoint checkpoint;
  std::filesystem::path path;
  // To be shown to the user: the newest checkpoint could not be used, and why. Empty where all was well.
  std::vector<std::string> warnings;
};

// The checkpoint that LATEST names. Where it or LATEST is missing or damaged: the newest good one before it,
// or, where there is none, the newest good one after it, with warnings. Throws `peft::Error` where no
// checkpoint in the folder can be used, saying why for each.
LoadedCheckpoint read_latest(const std::filesystem::path& folder);

// Whether there is anything for `read_latest` to try.
bool holds_checkpoints(const std::filesystem::path& folder);

}  // namespace peft::host
