#include "checkpoint/hdf5_handle.h"

#include <string>
#include <utility>

#include "peft/error.h"

namespace peft::host {
namespace {

std::mutex& library_mutex() {
  static std::mutex mutex;
  return mutex;
}

// Called from the innermost error to the API call; keeps the first and the last text.
herr_t collect(unsigned depth, const H5E_error2_t* error, void* reason) {
  std::string& text = *static_cast<std::string*>(reason);
  const std::string description = error->desc ? error->desc : "no description";
  if (depth == 0) {
    text = description;
  } else {
    text = text.substr(0, text.find(" (")) + " (" + description + ")";
  }
  return 0;
}

}  // namespace

Hdf5Session::Hdf5Session() : lock_(library_mutex()) {
  H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Hdf5Session::~Hdf5Session() {
  H5Eset_auto2(H5E_DEFAULT, print_, print_data_);
}

Hdf5Handle::Hdf5Handle(Hdf5Handle&& other) noexcept
    : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}

Hdf5Handle& Hdf5Handle::operator=(Hdf5Handle&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(close_, other.close_);
  return *this;
}

Hdf5Handle::~Hdf5Handle() {
  if (id_ >= 0) close_(id_);
}

void Hdf5Handle::close(std::string_view doing) {
  checked(close_(std::exchange(id_, H5I_INVALID_HID)), doing);
}

void throw_hdf5_error(std::string_view doing) {
  std::string reason = "HDF5 gives no reason";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect, &reason);
  H5Eclear2(H5E_DEFAULT);
  throw Error("cannot " + std::string(doing) + ": " + reason);
}

}  // namespace peft::host
