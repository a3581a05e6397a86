// Types, numbers and texts in HDF5. Internal to this folder; a `Hdf5Session` is held by the caller.
// All of it is little-endian in the file and in memory, so HDF5 converts nothing and every bit survives.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "checkpoint/hdf5_handle.h"
#include "peft/element_type.h"
#include "peft/value.h"

namespace peft::host {

// A type of HDF5 that its own tools show rightly; bfloat16, which HDF5 lacks, as uint16.
Hdf5Handle stored_type(ElementType type);

void write_text_attribute(hid_t object, const std::string& name, std::string_view text);
std::string read_text_attribute(hid_t object, const std::string& name);

// A boolean, an integer or a number. Reading tells them apart by their type in the file.
void write_attribute(hid_t object, const std::string& name, const Value& value);
Value read_attribute(hid_t object, const std::string& name);

// A scalar string in UTF-8, padded with NULs: text that holds a NUL does not survive.
Hdf5Handle write_text_dataset(hid_t group, const std::string& name, std::string_view text);
// Throws `peft::Error` where it claims to be longer than `limit` bytes, or is no string.
std::string read_text_dataset(hid_t group, const std::string& name, uint64_t limit);

}  // namespace peft::host
