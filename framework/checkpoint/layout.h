// Names inside a checkpoint file.
//
//   /                       attributes `format`, `format_version`, `step`
//   /sets/…, /optimizer/…   one dataset a tensor, attributes `element_type`, `sha256`
//   /metadata               numbers and booleans as attributes; text, and JSON for nested values, as datasets
//   /manifest               JSON: every tensor and metadata entry with its SHA-256
//
// The first 512 bytes are a user block in HDF5's sense, which its tools skip; ours holds the seal (seal.h).
#pragma once

#include <cstdint>
#include <string_view>

namespace peft::host::layout {

inline constexpr std::string_view format_name = "peft-host checkpoint";
// Raised when a reader of the present version could misread the file. Newer files are refused.
inline constexpr int64_t format_version = 1;

inline constexpr std::string_view metadata_group = "metadata";
inline constexpr std::string_view manifest_dataset = "manifest";
inline constexpr std::string_view sets_group = "sets";

}  // namespace peft::host::layout
