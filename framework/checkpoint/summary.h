// What the verb `inspect` shows of a checkpoint.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "peft/element_type.h"
#include "peft/value.h"

namespace peft::host {

struct TensorSummary {
  std::string path;
  // Of a method's tensor, sets/<set>/<method>/<tensor>; both empty for others.
  std::string set;
  std::string method;
  bool trained = false;  // the optimiser has moments of it; else it is only kept with what is trained
  ElementType type = ElementType::float32;
  std::vector<int64_t> shape;
  uint64_t elements = 0;
  uint64_t bytes = 0;
  double norm = 0;          // Euclidean, over the finite elements
  uint64_t non_zero = 0;    // elements
  uint64_t non_finite = 0;  // NaN and infinities
};

struct CheckpointSummary {
  std::filesystem::path path;
  uint64_t bytes = 0;
  std::string sha256;  // of the whole file
  bool verified = false;
  std::string problem;  // why it is not verified; then nothing below is filled in
  int64_t format_version = 0;
  int64_t step = 0;
  std::vector<TensorSummary> tensors;
  uint64_t trained_elements = 0;        // of the trained tensors
  std::vector<std::string> non_finite;  // paths of tensors that hold NaN or an infinity
  Value metadata;                       // a map
};

// Reads and verifies the whole file, one tensor in memory at a time. A damaged file, or one of another format
// version, gives a summary that says so; throws `peft::Error` only where there is no file to read.
CheckpointSummary summarise(const std::filesystem::path& path);

}  // namespace peft::host
