// A token store that is being written, block by block.
//
// The file: a mark, the key, and from a multiple of 8 on the store's bytes (each block from a multiple of 8
// on; then what was counted, the places where the blocks end, and its own place), then a hash of all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/temporary_file.h"
#include "base/xxh3.h"
#include "data/token_columns.h"
#include "data/token_store.h"

namespace peft::host {

class TokenFile {
 public:
  // A file that is not kept: in the system's folder for temporary files (TMPDIR), without a name.
  TokenFile();
  // A file beside `target`, whose place it may take; gone with this where it does not. `key` is as the token
  // cache has it.
  TokenFile(const std::filesystem::path& target, std::string_view key);

  // The next examples. Throws `peft::Error` where the disk is full, saying what to do.
  void add(const TokenColumns& columns);
  // Those that were added. Called once, after the last of them. The store outlives this and the file's name.
  // The summary's `examples` are counted here.
  std::shared_ptr<const TokenStore> finish(const SourceSummary& summary);

  uint64_t size() const { return size_; }
  void replace(const std::filesystem::path& target) { file_.replace(target); }

 private:
  void write(std::string_view bytes);
  void pad();

  TemporaryFile file_;
  Xxh3 hash_;
  uint64_t size_ = 0;
  uint64_t store_begin_ = 0;
  std::vector<uint64_t> block_ends_;  // in the store's bytes
  int64_t examples_ = 0;
};

// The store in a file of this key, checked; null where there is no such file. Throws `peft::Error` for one
// that is not whole or of another key.
std::shared_ptr<const TokenStore> read_token_file(const std::filesystem::path& path, std::string_view key);

}  // namespace peft::host
