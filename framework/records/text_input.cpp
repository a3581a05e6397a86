#include "records/text_input.h"

#include <cstring>
#include <string_view>

#include "peft/error.h"
#include "records/records.h"

namespace peft::host {
namespace {

constexpr size_t buffer_bytes = size_t{1} << 18;

}  // namespace

TextInput::TextInput(std::string name, std::unique_ptr<ByteSource> bytes, size_t max_record_bytes)
    : name_(std::move(name)),
      bytes_(std::move(bytes)),
      max_record_bytes_(max_record_bytes),
      buffer_(buffer_bytes) {
  end_ = bytes_->read(buffer_.data(), buffer_.size());
  check_byte_order_mark();
  refuse_nul_bytes();
}

void TextInput::check_byte_order_mark() {
  using namespace std::string_view_literals;
  const std::string_view start(buffer_.data(), std::min<size_t>(end_, 4));
  if (start.starts_with("\xef\xbb\xbf"sv)) {
    next_ = 3;
    return;
  }
  const char* encoding = start.starts_with("\xff\xfe\0\0"sv) || start == "\0\0\xfe\xff"sv     ? "UTF-32"
                         : start.starts_with("\xff\xfe"sv) || start.starts_with("\xfe\xff"sv) ? "UTF-16"
                                                                                              : nullptr;
  if (encoding)
    fail(1, std::string("the text is in ") + encoding + "; UTF-8 is expected: convert it with iconv");
}

void TextInput::refuse_nul_bytes() const {
  const char* from = buffer_.data() + next_;
  const void* nul = std::memchr(from, '\0', end_ - next_);
  if (!nul) return;
  const auto lines = std::count(from, static_cast<const char*>(nul), '\n');
  fail(line_ + static_cast<size_t>(lines),
       "a NUL byte: the file is binary or in UTF-16; UTF-8 text is expected");
}

bool TextInput::refill() {
  if (at_end_) return false;
  next_ = 0;
  end_ = bytes_->read(buffer_.data(), buffer_.size());
  at_end_ = end_ == 0;
  refuse_nul_bytes();
  return !at_end_;
}

void TextInput::consume(size_t count) {
  const char* from = buffer_.data() + next_;
  const auto lines = static_cast<size_t>(std::count(from, from + count, '\n'));
  next_ += count;
  offset_ += count;
  if (lines > 0) {
    line_ += lines;
    const char* last = from + count;
    while (last[-1] != '\n') --last;
    line_start_ = offset_ - static_cast<size_t>(from + count - last);
  }
}

void TextInput::check_limit(size_t count) {
  if (offset_ + count - record_start_ <= max_record_bytes_) return;
  in_long_record_ = true;
  refuse_row(record_line_, "the record that starts here is longer than " + std::to_string(max_record_bytes_) +
                               " bytes, the limit; is a quote or a line end missing?");
}

int TextInput::get() {
  const int byte = peek();
  if (byte != end_of_text) consume(1);
  return byte;
}

bool TextInput::skip(char wanted) {
  if (peek() != static_cast<unsigned char>(wanted)) return false;
  consume(1);
  return true;
}

bool TextInput::read_line(std::string& line) {
  line.clear();
  if (peek() == end_of_text) return false;
  take_until([](char byte) { return byte == '\n'; }, line);
  skip('\n');
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

void TextInput::begin_record() {
  record_start_ = offset_;
  record_line_ = line_;
}

std::string TextInput::placed(size_t line, const std::string& message) const {
  return name_ + ":" + std::to_string(line) + ": error: " + message;
}

void TextInput::fail(size_t line, const std::string& message) const {
  throw Error(placed(line, message));
}

void TextInput::refuse_row(size_t line, const std::string& message) const {
  throw BadRow(placed(line, message));
}

}  // namespace peft::host
