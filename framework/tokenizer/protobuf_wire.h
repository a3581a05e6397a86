// The fields of a protocol buffer as they stand in a file, for the few that are needed of one message.
#pragma once

#include <cstdint>
#include <string_view>

namespace peft::host {

// Reads one message; fields of nested messages are read by another reader of their bytes.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  // The next field. False at the end. Throws peft::Error where the message breaks off or is none.
  bool next();

  // Of the field that `next` found:
  std::uint32_t field() const { return field_; }
  std::uint64_t number() const { return number_; }   // of an integer, an enumeration or a truth value
  float real() const;                                // of a float
  std::string_view bytes() const { return bytes_; }  // of a string, bytes or a message

 private:
  std::uint64_t varint();
  std::string_view take(std::uint64_t size);

  std::string_view rest_;
  std::uint32_t field_ = 0;
  std::uint64_t number_ = 0;
  std::string_view bytes_;
};

}  // namespace peft::host
