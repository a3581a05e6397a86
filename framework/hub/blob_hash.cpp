#include "hub/blob_hash.h"

#include <openssl/evp.h>

#include <array>
#include <span>

#include "base/hashing.h"
#include "peft/error.h"

namespace peft::host {
namespace {

constexpr size_t sha256_digits = 64;

void expect(int result) {
  if (result != 1) throw Error("OpenSSL cannot compute a hash");
}

}  // namespace

struct BlobHash::Context {
  Context() : evp(::EVP_MD_CTX_new()) {
    if (evp == nullptr) throw Error("OpenSSL cannot compute a hash");
  }
  ~Context() { ::EVP_MD_CTX_free(evp); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  EVP_MD_CTX* evp;
};

BlobHash::BlobHash(const std::string& etag, int64_t size) : context_(std::make_unique<Context>()) {
  const bool is_sha256 = etag.size() == sha256_digits;
  expect(::EVP_DigestInit_ex(context_->evp, is_sha256 ? ::EVP_sha256() : ::EVP_sha1(), nullptr));
  if (is_sha256) return;
  const std::string header = "blob " + std::to_string(size);
  update({header.c_str(), header.size() + 1});
}

BlobHash::~BlobHash() = default;
BlobHash::BlobHash(BlobHash&&) noexcept = default;
BlobHash& BlobHash::operator=(BlobHash&&) noexcept = default;

void BlobHash::update(std::string_view bytes) {
  expect(::EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()));
}

std::string BlobHash::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned count = 0;
  expect(::EVP_DigestFinal_ex(context_->evp, bytes.data(), &count));
  return hex_digits(std::span(bytes).first(count));
}

std::string hash_name(const std::string& etag) {
  return etag.size() == sha256_digits ? "SHA-256" : "Git's SHA-1";
}

}  // namespace peft::host
