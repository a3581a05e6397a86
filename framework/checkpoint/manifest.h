// What a checkpoint file must hold: written into it as JSON, and what a reader compares the rest with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "peft/element_type.h"
#include "peft/value.h"

namespace peft::host {

// How an entry of the metadata stands in the file.
enum class StoredAs {
  attribute,  // a boolean, an integer, a number
  text,       // a text without NULs
  json,       // anything else. NaN and infinities in it become null, invalid UTF-8 becomes U+FFFD
};

struct TensorEntry {
  std::string path;
  ElementType type = ElementType::float32;
  std::vector<int64_t> shape;
  std::string sha256;  // of the bytes
};

struct MetadataEntry {
  std::string key;
  StoredAs stored_as = StoredAs::json;
  std::string sha256;
};

struct Manifest {
  int64_t step = 0;
  std::vector<TensorEntry> tensors;
  std::vector<MetadataEntry> metadata;  // in the map's order, which HDF5 does not keep
};

// Hashes every tensor.
Manifest manifest_of(const Checkpoint& checkpoint);

std::string manifest_text(const Manifest& manifest);
// Throws `peft::Error` where the text is no manifest.
Manifest parse_manifest(std::string_view text);

StoredAs form_of(const Value& value);
// Of a value in the form in which it is stored, so that a value that was read has the hash of the one
// written.
std::string metadata_sha256(const Value& value);

}  // namespace peft::host
