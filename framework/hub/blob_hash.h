// The hash that a blob of the cache is named by.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace peft::host {

// SHA-256 of the content for an etag of 64 digits; for one of 40 what Git names a blob by: SHA-1 of
// "blob SIZE", a zero byte and the content.
class BlobHash {
 public:
  BlobHash(const std::string& etag, int64_t size);
  ~BlobHash();
  BlobHash(BlobHash&&) noexcept;
  BlobHash& operator=(BlobHash&&) noexcept;

  void update(std::string_view bytes);
  // In lower-case hexadecimal digits. Ends the hash.
  std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// "SHA-256" or "Git's SHA-1", for messages.
std::string hash_name(const std::string& etag);

}  // namespace peft::host
