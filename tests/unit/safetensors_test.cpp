#include "model_io/safetensors.h"

#include <catch2/catch.hpp>
#include <optional>
#include <span>

#include "model_io/safetensors_header.h"
#include "peft/error.h"
#include "support/temporary_folder.h"

using namespace peft;
using namespace peft::host;
using Catch::Matchers::Contains;
using peft::test::TemporaryFolder;

namespace {

std::string length_text(uint64_t length) {
  return std::string(reinterpret_cast<const char*>(&length), sizeof length);
}

// A file as the format has it, around any header and `data_size` bytes of data.
std::string file_of(const std::string& header, size_t data_size) {
  return length_text(header.size()) + header + std::string(data_size, '\x01');
}

SafetensorsHeader parse(const std::string& file) {
  return parse_safetensors_header(std::as_bytes(std::span(file)), "w.safetensors");
}

// The message with which a file is refused; "accepted" where it is not.
std::string refusal(const std::string& file) {
  try {
    parse(file);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal(const std::string& header, size_t data_size) {
  return refusal(file_of(header, data_size));
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets +
         "}";
}

}  // namespace

TEST_CASE("A header gives each tensor's type, shape and place, in the order of the data") {
  const std::string file = file_of(
      "{"
      R"("__metadata__":{"format":"pt"},)" +
          tensor("b", "BF16", "[2]", "[8,12]") + "," + tensor("a", "F32", "[1,2]", "[0,8]") + "}   ",
      12);
  const SafetensorsHeader header = parse(file);
  REQUIRE(header.entries.size() == 2);
  CHECK(header.entries[0].name == "a");
  CHECK(header.entries[0].type == ElementType::float32);
  CHECK(header.entries[0].shape == std::vector<int64_t>{1, 2});
  CHECK(header.entries[1].name == "b");
  CHECK(header.entries[1].type == ElementType::bfloat16);
  CHECK(header.entries[1].begin == 8);
  CHECK(header.entries[1].end == 12);
  CHECK(header.metadata.at("format") == "pt");
  CHECK(header.data_begin + 12 == file.size());
}

TEST_CASE("Scalars, empty tensors and files without tensors are read") {
  CHECK(parse(file_of("{}", 0)).entries.empty());
  const auto header = parse(file_of(
      "{" + tensor("scalar", "F32", "[]", "[0,4]") + "," + tensor("empty", "F32", "[3,0]", "[4,4]") + "}",
      4));
  CHECK(header.entries[0].shape.empty());
  CHECK(header.entries[1].end == 4);
}

TEST_CASE("Every supported element type has a name in the format, and back") {
  for (const char* dtype : {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"}) {
    const auto type = element_type_of_dtype(dtype);
    REQUIRE(type);
    CHECK(safetensors_dtype(*type) == dtype);
    const auto size = std::to_string(size_in_bytes(*type) * 3);
    CHECK(refusal("{" + tensor("t", dtype, "[3]", "[0," + size + "]") + "}", size_in_bytes(*type) * 3) ==
          "accepted");
  }
}

TEST_CASE("A header that lies about its length is refused") {
  CHECK_THAT(refusal(""), Contains("w.safetensors: the file holds 0 bytes"));
  CHECK_THAT(refusal("short"), Contains("5 bytes, too few"));
  CHECK_THAT(refusal(length_text(uint64_t{1} << 60) + "{}"),
             Contains("claims 1152921504606846976 bytes, but 2"));
  CHECK_THAT(refusal(length_text(~uint64_t{0}) + "{}"), Contains("claims 18446744073709551615 bytes"));
  CHECK_THAT(refusal(length_text(3) + "{}"), Contains("claims 3 bytes, but 2"));
  CHECK_THAT(refusal(length_text(0)), Contains("does not start with '{'"));
  std::string long_header = length_text(100'000'001) + "{";
  long_header.resize(100'000'009, ' ');
  CHECK_THAT(refusal(long_header), Contains("format's limit"));
}

TEST_CASE("A Git LFS pointer is told apart from a damaged file") {
  CHECK_THAT(refusal("version https://git-lfs.example/spec/v1\noid sha256:0\nsize 1\n"),
             Contains("git lfs pull"));
}

TEST_CASE("A header that is not the format's JSON is refused") {
  const std::string good = tensor("t", "F32", "[1]", "[0,4]");
  CHECK_THAT(refusal("{" + good, 4), Contains("w.safetensors:1:") && Contains("not valid JSON"));
  CHECK_THAT(refusal("[1]", 0), Contains("does not start with '{'"));
  CHECK_THAT(refusal("{" + good + "} x", 4), Contains("not valid JSON"));
  CHECK_THAT(refusal("{" + good + "," + good + "}", 4), Contains("'t' stands twice"));
  CHECK_THAT(refusal(R"({"t":{"dtype":"F32","dtype":"F32"}})", 4), Contains("'dtype' stands twice"));
  CHECK_THAT(refusal(R"({"t":[]})", 4), Contains("tensor 't': expected a map"));
  CHECK_THAT(refusal(R"({"t":{"dtype":"F32","shape":[1]}})", 4), Contains("'data_offsets' is missing"));
  CHECK_THAT(refusal(R"({"t":{"dtype":1,"shape":[1],"data_offsets":[0,4]}})", 4),
             Contains("tensor 't': dtype"));
  CHECK_THAT(refusal(R"({"t":{"strides":[1]}})", 4), Contains("unknown key 'strides'"));
  CHECK_THAT(refusal(R"({"__metadata__":{"format":1}})", 0), Contains("a text under 'format'"));
  CHECK_THAT(refusal(R"({"__metadata__":[]})", 0), Contains("__metadata__: expected a map"));
  CHECK_THAT(refusal(R"({"t":)" + std::string(100'000, '['), 0), Contains("nested deeper"));
  CHECK_THAT(refusal("{\"\xff\":{}}", 0), Contains("not valid JSON"));
}

TEST_CASE("A dtype that is not known is refused by its name") {
  CHECK_THAT(refusal("{" + tensor("t", "F8_E4M3", "[4]", "[0,4]") + "}", 4),
             Contains("tensor 't': dtype 'F8_E4M3' is not supported") && Contains("BF16"));
}

TEST_CASE("A shape that lies is refused") {
  const auto shape = [](const std::string& text) {
    return refusal("{" + tensor("t", "F32", text, "[0,4]") + "}", 4);
  };
  CHECK_THAT(shape("[-1]"), Contains("tensor 't': shape: -1 is negative"));
  CHECK_THAT(shape("[1.0]"), Contains("whole numbers"));
  CHECK_THAT(shape("\"1\""), Contains("shape: expected a list"));
  CHECK_THAT(shape("[18446744073709551615]"), Contains("below 2^63"));
  CHECK_THAT(shape("[1152921504606846976]"),
             Contains("takes 4611686018427387904 bytes, but data_offsets span 4"));
  CHECK_THAT(shape("[1152921504606846976,16]"), Contains("more than 64 bits can count"));
  CHECK_THAT(shape("[4294967296,4294967296]"), Contains("more than 64 bits can count"));
  // The product is 4 modulo 2^64, which is just what the offsets span.
  CHECK_THAT(shape("[9223372036854775807,9223372036854775807]"), Contains("more than 64 bits can count"));
  // A zero does not hide the rest.
  CHECK_THAT(refusal("{" + tensor("t", "F32", "[4294967296,4294967296,0]", "[0,0]") + "}", 0),
             Contains("more than 64 bits can count"));
  CHECK_THAT(shape("[2]"), Contains("shape [2] of float32 takes 8 bytes, but data_offsets span 4 bytes"));
}

TEST_CASE("Offsets that lie are refused") {
  const auto one = [](const std::string& offsets) {
    return refusal("{" + tensor("t", "U8", "[4]", offsets) + "}", 8);
  };
  CHECK_THAT(one("[4,0]"), Contains("tensor 't': data_offsets: the begin, 4, is after the end, 0"));
  CHECK_THAT(one("[5,9]"), Contains("ends at byte 9 of the data, which has 8 bytes"));
  CHECK_THAT(one("[1152921504606846976,1152921504606846980]"), Contains("ends at byte 1152921504606846980"));
  CHECK_THAT(one("[-4,0]"), Contains("-4 is negative"));
  CHECK_THAT(one("[0]"), Contains("expected 2 numbers, found 1"));
  CHECK_THAT(one("[0,4]"), Contains("4 bytes at the end of the file belong to no tensor"));
  CHECK_THAT(one("[4,8]"), Contains("tensor 't': starts at byte 4") && Contains("gap of 4 bytes"));
  CHECK_THAT(
      refusal("{" + tensor("a", "U8", "[4]", "[0,4]") + "," + tensor("b", "U8", "[5]", "[3,8]") + "}", 8),
      Contains("tensor 'b'") && Contains("overlaps tensor 'a'"));
  CHECK_THAT(
      refusal("{" + tensor("a", "U8", "[4]", "[0,4]") + "," + tensor("b", "U8", "[4]", "[0,4]") + "}", 4),
      Contains("overlaps tensor"));
}

TEST_CASE("Any damaged byte or shortened file is read or refused, never a crash") {
  const std::string good = file_of(
      "{"
      R"("__metadata__":{"format":"pt"},)" +
          tensor("a", "F32", "[1,2]", "[0,8]") + "," + tensor("b", "BF16", "[2]", "[8,12]") + "}",
      12);
  REQUIRE(refusal(good) == "accepted");
  const size_t header_end = good.size() - 12;
  size_t refused = 0;
  for (size_t at = 0; at < header_end; ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string damaged = good;
      damaged[at] = static_cast<char>(byte);
      // What is still accepted must be consistent: each view lies within the data and has its shape's size.
      try {
        for (const auto& entry : parse(damaged).entries) {
          REQUIRE(entry.end <= 12);
          REQUIRE(byte_count(entry.type, entry.shape) == entry.end - entry.begin);
        }
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  CHECK(refused > header_end * 200);
  for (size_t size = 0; size < good.size(); ++size) {
    INFO("the first " << size << " bytes");
    CHECK(refusal(good.substr(0, size)) != "accepted");
  }
}

TEST_CASE("A path that is no readable file is refused with the reason") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(SafetensorsFile(folder.path() / "none"),
                    Contains("none: cannot open") && Contains("No such file"));
  CHECK_THROWS_WITH(SafetensorsFile(folder.path()), Contains("expected a file, found a folder"));
  CHECK_THROWS_WITH(SafetensorsFile(folder.write("empty", "")), Contains("the file holds 0 bytes"));
}
