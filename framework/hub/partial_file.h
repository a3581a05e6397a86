// What there is of a blob so far, and its hash.
#pragma once

#include <filesystem>
#include <string_view>

#include "hub/blob_hash.h"
#include "hub/hub.h"

namespace peft::host {

class PartialFile {
 public:
  // Opens the file or makes it. Reads what it holds, for the hash. Throws `peft::Error`.
  PartialFile(std::filesystem::path path, const HubFile& file);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  int64_t size() const { return size_; }
  // Throws `peft::Error` with the system's reason, and where the file becomes longer than it should.
  void append(std::string_view bytes);
  // Empties it.
  void begin_anew();
  // Whether all is there and hashes to the etag; asked once, at the end.
  bool is_right();

 private:
  std::filesystem::path path_;
  HubFile file_;
  int descriptor_;
  int64_t size_ = 0;
  BlobHash hash_;
};

}  // namespace peft::host
