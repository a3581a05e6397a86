#include "checkpoint/hdf5_file_driver.h"

#if __has_include(<H5FDdevelop.h>)  // HDF5 1.14 moved what drivers need here
#include <H5FDdevelop.h>
#endif

#include <algorithm>
#include <memory>

namespace peft::host {
namespace {

using Target = Hdf5FileDriver::Target;

// HDF5 sees the first member only.
struct DriverFile {
  H5FD_t base;
  Target* target;
  haddr_t end_of_allocation;
  haddr_t end_of_file;
};

DriverFile& cast(H5FD_t* file) {
  return *reinterpret_cast<DriverFile*>(file);
}
const DriverFile& cast(const H5FD_t* file) {
  return *reinterpret_cast<const DriverFile*>(file);
}

// C calls these: nothing may be thrown through it. After a failure nothing more reaches the disk.
template <typename Operation>
void unless_failed(Target& target, Operation operation) {
  if (target.failure) return;
  try {
    operation();
  } catch (...) {
    target.failure = std::current_exception();
  }
}

H5FD_t* open_file(const char*, unsigned, hid_t access_list, haddr_t) {
  const void* information = H5Pget_driver_info(access_list);
  if (information == nullptr) return nullptr;
  auto file = std::make_unique<DriverFile>();
  file->target = *static_cast<Target* const*>(information);
  return &file.release()->base;
}

herr_t close_file(H5FD_t* file) {
  const std::unique_ptr<DriverFile> owned(&cast(file));
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

haddr_t get_end_of_allocation(const H5FD_t* file, H5FD_mem_t) {
  return cast(file).end_of_allocation;
}

herr_t set_end_of_allocation(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  cast(file).end_of_allocation = address;
  return 0;
}

haddr_t get_end_of_file(const H5FD_t* file, H5FD_mem_t) {
  return cast(file).end_of_file;
}

herr_t read(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t address, size_t size, void* buffer) {
  const DriverFile& file = cast(base);
  try {
    file.target->operations->read(*file.target->file, address, {static_cast<std::byte*>(buffer), size});
    return 0;
  } catch (...) {
    if (!file.target->failure) file.target->failure = std::current_exception();
    return -1;
  }
}

herr_t write(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t address, size_t size, const void* buffer) {
  DriverFile& file = cast(base);
  unless_failed(*file.target, [&] {
    file.target->operations->write(*file.target->file, address,
                                   {static_cast<const std::byte*>(buffer), size});
  });
  file.end_of_file = std::max(file.end_of_file, address + size);
  return 0;
}

herr_t truncate(H5FD_t* base, hid_t, hbool_t) {
  DriverFile& file = cast(base);
  if (file.end_of_file == file.end_of_allocation) return 0;
  unless_failed(*file.target,
                [&] { file.target->operations->resize(*file.target->file, file.end_of_allocation); });
  file.end_of_file = file.end_of_allocation;
  return 0;
}

// Member by member: the struct grew at its front in 1.14.
H5FD_class_t driver_class() {
  H5FD_class_t driver{};
#if H5_VERSION_GE(1, 13, 0)
  driver.version = H5FD_CLASS_VERSION;
  driver.value = static_cast<H5FD_class_value_t>(511);  // of the range left for private use
#endif
  driver.name = "peft-host";
  driver.maxaddr = HADDR_MAX / 4;  // fits the signed offsets of the system's calls
  driver.fc_degree = H5F_CLOSE_STRONG;
  driver.fapl_size = sizeof(Target*);
  driver.open = open_file;
  driver.close = close_file;
  driver.query = query;
  driver.get_eoa = get_end_of_allocation;
  driver.set_eoa = set_end_of_allocation;
  driver.get_eof = get_end_of_file;
  driver.read = read;
  driver.write = write;
  driver.truncate = truncate;
  return driver;  // all kinds of memory share the default free lists: `fl_map` is zeros
}

hid_t register_driver() {
  const H5FD_class_t driver = driver_class();  // HDF5 keeps a copy
  return H5FDregister(&driver);
}

}  // namespace

Hdf5FileDriver::Hdf5FileDriver(FileOperations& operations, const OpenFile& file)
    : target_{&operations, &file, nullptr},
      driver_(register_driver(), H5FDunregister, "register a file driver with HDF5") {}

void Hdf5FileDriver::use_in(hid_t access_list) {
  const Target* target = &target_;
  checked(H5Pset_driver(access_list, driver_.get(), &target), "choose a file driver of HDF5");
}

void Hdf5FileDriver::rethrow_failure() const {
  if (target_.failure) std::rethrow_exception(target_.failure);
}

}  // namespace peft::host
