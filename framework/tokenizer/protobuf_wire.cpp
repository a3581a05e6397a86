#include "tokenizer/protobuf_wire.h"

#include <bit>
#include <cstring>

#include "peft/error.h"

namespace peft::host {
namespace {

[[noreturn]] void fail() {
  throw Error(
      "bytes that are no protocol buffer found, expected a SentencePiece model; the file is damaged or "
      "of another kind, fetch it again");
}

}  // namespace

std::uint64_t ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1)[0]);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  fail();
}

std::string_view ProtobufReader::take(std::uint64_t size) {
  if (size > rest_.size()) fail();
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

bool ProtobufReader::next() {
  if (rest_.empty()) return false;
  const std::uint64_t tag = varint();
  field_ = static_cast<std::uint32_t>(tag >> 3);
  bytes_ = {};
  number_ = 0;
  switch (tag & 7) {
    case 0: number_ = varint(); return true;
    case 1: bytes_ = take(8); return true;
    case 2: bytes_ = take(varint()); return true;
    case 5: bytes_ = take(4); return true;
    default: fail();
  }
}

float ProtobufReader::real() const {
  static_assert(std::endian::native == std::endian::little);
  float value = 0;
  if (bytes_.size() != sizeof value) fail();
  std::memcpy(&value, bytes_.data(), sizeof value);
  return value;
}

}  // namespace peft::host
