// Writes safetensors files that the reference libraries read.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model_io/tensor_view.h"

namespace peft::host {

// Writes all tensors, or nothing: the file appears under `path`, replacing one that was there, only after its
// bytes have reached the disk. Order in the file: widest elements first, then by name, so that every tensor
// is aligned. The default metadata is what transformers asks for before it loads a file. Throws `peft::Error`
// for a duplicate name, bytes that do not fit a shape, and whatever the disk refuses.
void write_safetensors(const std::filesystem::path& path, const std::vector<TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata = {{"format", "pt"}});

}  // namespace peft::host
