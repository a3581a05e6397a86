// The header of a safetensors file: what it says, after every statement has been checked against the file.
//
// Layout: 8 bytes little-endian header length; the header, a JSON map from tensor name to `dtype`, `shape`
// and `data_offsets` (and `__metadata__`, a map of texts); then the data, to which the offsets refer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "peft/element_type.h"

namespace peft::host {

struct SafetensorsEntry {
  std::string name;
  ElementType type = ElementType::float32;
  std::vector<int64_t> shape;
  uint64_t begin = 0;  // in the data, in bytes
  uint64_t end = 0;    // one past the last byte
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // by offset: together they cover the data once, without gaps
  std::map<std::string, std::string> metadata;
  uint64_t data_begin = 0;  // where in the file the data starts
};

// Reads the start of `file` (the whole file's bytes; those of the data are not touched). Every way in which a
// header can lie is a `peft::Error` that begins with `file_name` and names the tensor.
SafetensorsHeader parse_safetensors_header(std::span<const std::byte> file, const std::string& file_name);

// "BF16" for bfloat16, and back; nothing for a name that is not known here.
std::string_view safetensors_dtype(ElementType type);
std::optional<ElementType> element_type_of_dtype(std::string_view dtype);

}  // namespace peft::host
