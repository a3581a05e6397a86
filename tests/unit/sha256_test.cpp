#include "base/sha256.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "base/files.h"
#include "peft/error.h"

using peft::host::Sha256;
using peft::host::sha256;

// Vectors of NIST (FIPS 180-2, appendix B, and the empty text of the SHAVS).
TEST_CASE("SHA-256 gives NIST's digests") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 is the same however the bytes are cut") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += static_cast<char>(i * 7);
  for (size_t size : {0u, 1u, 55u, 56u, 57u, 63u, 64u, 65u, 119u, 120u, 128u, 300u}) {
    const std::string whole = bytes.substr(0, size);
    for (size_t piece : {1u, 3u, 64u, 65u}) {
      Sha256 hash;
      for (size_t at = 0; at < size; at += piece) hash.update(std::string_view(whole).substr(at, piece));
      CHECK(hash.finish() == sha256(whole));
    }
  }
}

TEST_CASE("A file hashes as its content, and an absent one is named") {
  const auto path = std::filesystem::temp_directory_path() / "peft_sha256_test.bin";
  const std::string content(1'000'000, 'a');
  peft::host::write_file_atomically(path, content);
  CHECK(peft::host::sha256_of_file(path) == sha256(content));
  std::filesystem::remove(path);
  CHECK_THROWS_WITH(peft::host::sha256_of_file(path), Catch::Contains(path.string()));
}
