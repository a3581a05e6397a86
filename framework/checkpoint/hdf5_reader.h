// A checkpoint's content out of an HDF5 file, everything in it compared with its manifest.
#pragma once

#include <filesystem>
#include <functional>

#include "checkpoint/manifest.h"
#include "model_io/tensor_view.h"
#include "peft/value.h"

namespace peft::host {

struct Hdf5Content {
  Manifest manifest;
  Value metadata;
};

// Hands each tensor to `take` in the manifest's order, once its bytes have been verified; it owns its bytes.
// Throws `peft::Error`, saying what is wrong but not in which file, where the file is not of a known format
// version, a tensor or a metadata entry is missing, unexpected or differs from the manifest.
// HDF5 does not withstand every damaged file: have the seal checked before (seal.h).
Hdf5Content read_hdf5(const std::filesystem::path& path, const std::function<void(TensorView)>& take);

// The same without reading the tensors: that they are there is checked, their bytes are not.
Hdf5Content read_hdf5_without_tensors(const std::filesystem::path& path);

}  // namespace peft::host
