// The text of a data file, a buffer at a time, with the position for messages and the checks that all formats
// share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "records/byte_source.h"

namespace peft::host {

class TextInput {
 public:
  static constexpr int end_of_text = -1;

  // `name` stands in messages. Drops a UTF-8 byte order mark; refuses those of UTF-16 and UTF-32.
  TextInput(std::string name, std::unique_ptr<ByteSource> bytes, size_t max_record_bytes);

  // The next byte as an unsigned char, or `end_of_text`.
  int peek() { return next_ < end_ || refill() ? static_cast<unsigned char>(buffer_[next_]) : end_of_text; }
  int get();
  // Consumes the next byte if it is `wanted`.
  bool skip(char wanted);

  // Appends bytes to `text` up to the next one that `stops`, which is left to be read, or to the end. Throws
  // `BadRow` instead of taking a byte beyond the record limit.
  template <class Stops>
  void take_until(Stops stops, std::string& text) {
    while (peek() != end_of_text) {
      const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(next_);
      const auto to = std::find_if(from, buffer_.begin() + static_cast<std::ptrdiff_t>(end_), stops);
      const auto count = static_cast<size_t>(to - from);
      check_limit(count);
      text.append(from, to);
      consume(count);
      if (next_ < end_) return;
    }
  }

  // The next line without its end (LF or CRLF) into `line`; false at the end of the text.
  bool read_line(std::string& line);

  // The record limit counts from here.
  void begin_record();

  // Whether the limit ended the last record.
  bool is_in_long_record() const { return in_long_record_; }
  // Leaves that record, whose rest up to the next byte that `stops` is read and not kept.
  template <class Stops>
  void leave_long_record(Stops stops) {
    in_long_record_ = false;
    while (peek() != end_of_text && !stops(buffer_[next_])) {
      const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(next_);
      consume(static_cast<size_t>(
          std::find_if(from, buffer_.begin() + static_cast<std::ptrdiff_t>(end_), stops) - from));
    }
    begin_record();
  }

  const std::string& name() const { return name_; }
  size_t line() const { return line_; }                        // of the next byte, from 1
  size_t column() const { return offset_ - line_start_ + 1; }  // of the next byte, from 1

  // Throws `peft::Error` as `NAME:LINE: error: MESSAGE`.
  [[noreturn]] void fail(size_t line, const std::string& message) const;
  // The same as `BadRow`.
  [[noreturn]] void refuse_row(size_t line, const std::string& message) const;

 private:
  bool refill();
  // For `count` bytes more.
  void check_limit(size_t count);
  void consume(size_t count);
  std::string placed(size_t line, const std::string& message) const;
  void check_byte_order_mark();
  void refuse_nul_bytes() const;

  std::string name_;
  std::unique_ptr<ByteSource> bytes_;
  size_t max_record_bytes_;
  std::vector<char> buffer_;
  size_t next_ = 0;  // the next byte in the buffer
  size_t end_ = 0;   // of what the buffer holds
  bool at_end_ = false;
  size_t offset_ = 0;  // of the next byte in the text
  size_t line_ = 1;
  size_t line_start_ = 0;  // the offset of the line's first byte
  size_t record_start_ = 0;
  size_t record_line_ = 1;
  bool in_long_record_ = false;
};

}  // namespace peft::host
