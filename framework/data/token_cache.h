// Encoded examples kept between runs, by the content of everything that decides them.
//
// A folder with a file an entry. Processes may share it: an entry appears whole, is checked when it is read,
// and may vanish at any time. Nothing here fails a run: what cannot be read is made again, what cannot be
// kept is not, and a note says why.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "data/token_file.h"
#include "data/token_store.h"

namespace peft::host {

class TokenCache {
 public:
  static constexpr uint64_t default_limit = uint64_t{2} << 30;

  // `limit`: bytes of all entries together. The folder is made when something is written.
  explicit TokenCache(std::filesystem::path folder, uint64_t limit = default_limit)
      : folder_(std::move(folder)), limit_(limit) {}

  struct Found {
    std::shared_ptr<const TokenStore> store;  // null where there is none
    std::string note;                         // empty where there was nothing to say
  };
  // `key` is a text that names everything the result depends on: it is compared as a whole.
  Found find(std::string_view key) const;

  struct Begun {
    std::unique_ptr<TokenFile> file;
    std::string note;
  };
  // A file in the folder, to be written and kept; where none can be made, one that is not kept, and a note.
  Begun begin(std::string_view key) const;

  // Keeps a file that is finished and that `begin` made, in the place of an entry of this key; then removes
  // those used longest ago until all fit the limit. Returns a note where it could not be kept, else an empty
  // text; its store stays as it is either way.
  std::string keep(std::string_view key, TokenFile& file) const;

 private:
  std::filesystem::path file_of(std::string_view key) const;
  void prune(const std::filesystem::path& newest) const;

  std::filesystem::path folder_;
  uint64_t limit_;
};

// Where the environment wants it: PEFT_CACHE, else XDG_CACHE_HOME/peft-host, else HOME/.cache/peft-host, and
// in it `tokens`. Nothing for `PEFT_CACHE=off`, and where there is no home.
std::optional<std::filesystem::path> token_cache_folder();

}  // namespace peft::host
