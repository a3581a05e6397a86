// HDF5's writes through `FileOperations`, as a driver of HDF5's virtual file layer. Internal to this folder.
#pragma once

#include <exception>

#include "checkpoint/file_operations.h"
#include "checkpoint/hdf5_handle.h"

namespace peft::host {

// Keeps HDF5 from seeing a failed write. HDF5 whose flush meets a full disk cannot close the file any more
// and crashes when the process exits (measured: 1.10.8, default driver). So a failure is remembered here,
// what HDF5 writes after it is dropped, HDF5 closes in good order, and `rethrow_failure` tells.
class Hdf5FileDriver {
 public:
  // Borrows both; they and the driver outlive every file opened with it. `file` is empty.
  Hdf5FileDriver(FileOperations& operations, const OpenFile& file);
  Hdf5FileDriver(const Hdf5FileDriver&) = delete;
  Hdf5FileDriver& operator=(const Hdf5FileDriver&) = delete;

  // Makes files that are created with this access list go to `file`, whatever their name.
  void use_in(hid_t access_list);
  // Throws the first failure, where there was one.
  void rethrow_failure() const;

  // What HDF5's callbacks share.
  struct Target {
    FileOperations* operations;
    const OpenFile* file;
    std::exception_ptr failure;
  };

 private:
  Target target_;
  Hdf5Handle driver_;
};

}  // namespace peft::host
