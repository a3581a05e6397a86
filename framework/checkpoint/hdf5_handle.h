// HDF5's C API with C++ manners: identifiers that close themselves, and errors that throw. Internal to this
// folder.
#pragma once

#include <hdf5.h>

#include <mutex>
#include <string_view>

namespace peft::host {

// Hold one for as long as any call to HDF5 is made or any `Hdf5Handle` lives. HDF5 as distributions build it
// is not thread-safe, so a session excludes others; and it keeps HDF5 from printing errors, which `checked`
// reads.
class Hdf5Session {
 public:
  Hdf5Session();
  ~Hdf5Session();
  Hdf5Session(const Hdf5Session&) = delete;
  Hdf5Session& operator=(const Hdf5Session&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* print_data_ = nullptr;
};

// Returns `result` where HDF5 reports success (not negative). Throws `peft::Error` otherwise: "cannot
// <doing>: <HDF5's reason>".
template <typename Result>
Result checked(Result result, std::string_view doing);

// An identifier of HDF5 and the function that closes it.
class Hdf5Handle {
 public:
  using Close = herr_t (*)(hid_t);

  // Takes what a call of HDF5 returned; throws as `checked` does.
  Hdf5Handle(hid_t id, Close closer, std::string_view doing) : id_(checked(id, doing)), close_(closer) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept;
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept;
  // Closes; a failure has nowhere to go from here, so whoever writes calls `close()` first.
  ~Hdf5Handle();

  hid_t get() const { return id_; }
  void close(std::string_view doing);

 private:
  hid_t id_;
  Close close_;
};

[[noreturn]] void throw_hdf5_error(std::string_view doing);

template <typename Result>
Result checked(Result result, std::string_view doing) {
  if (result < 0) throw_hdf5_error(doing);
  return result;
}

}  // namespace peft::host
