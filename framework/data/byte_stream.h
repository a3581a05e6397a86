// Numbers, texts and arrays laid end to end in memory: how examples stand in a token store. In the machine's
// own byte order: what is written here is read on the same machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "peft/error.h"

namespace peft::host {

class ByteWriter {
 public:
  template <class T>
  void number(T value) {
    static_assert(std::is_arithmetic_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view value) {
    number<uint64_t>(value.size());
    bytes_ += value;
  }
  // Begins at a multiple of 8 from the writer's beginning, so that it can be used where it stands.
  template <class T>
  void array(const std::vector<T>& values) {
    array(std::span<const T>(values));
  }
  template <class T>
  void array(std::span<const T> values) {
    static_assert(std::is_arithmetic_v<T> && alignof(T) <= alignment);
    number<uint64_t>(values.size());
    bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment);
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  }

  // As it stands, without its length.
  void append(std::string_view bytes) { bytes_ += bytes; }

  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  static constexpr size_t alignment = 8;
  std::string bytes_;
};

// Reads what a `ByteWriter` wrote. The bytes must outlive what is read and begin at a multiple of 8 for
// arrays. Throws `peft::Error` where they end too early.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T number() {
    static_assert(std::is_arithmetic_v<T>);
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view text() { return take(number<uint64_t>()); }
  template <class T>
  std::span<const T> array() {
    const auto count = number<uint64_t>();
    if (at_ % alignment != 0) take(alignment - at_ % alignment);
    if (count > (bytes_.size() - at_) / sizeof(T)) fail();
    return {reinterpret_cast<const T*>(take(count * sizeof(T)).data()), static_cast<size_t>(count)};
  }
  void skip(size_t size) { take(size); }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  std::string_view take(uint64_t size) {
    if (size > bytes_.size() - at_) fail();
    const std::string_view part = bytes_.substr(at_, size);
    at_ += size;
    return part;
  }
  [[noreturn]] static void fail() { throw Error("the bytes of encoded examples end too early"); }

  static constexpr size_t alignment = 8;
  std::string_view bytes_;
  size_t at_ = 0;
};

}  // namespace peft::host
