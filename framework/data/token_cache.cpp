#include "data/token_cache.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "base/xxh3.h"
#include "data/byte_stream.h"
#include "peft/error.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "peft-host tokens 1\n";  // the number rises with the form of the bytes
constexpr const char* extension = ".tokens";
constexpr const char* remedy = "; set PEFT_CACHE to another folder, or to off";

// After the magic: the key, then the store's bytes at a multiple of 8, then a hash of both.
std::string file_content(std::string_view key, const TokenStore& store) {
  ByteWriter file;
  file.append(magic);
  file.text(key);
  file.array(std::span<const char>(store.bytes()));
  const std::string hash = xxh3(file.bytes());
  file.append(hash);
  return file.take();
}

// Throws `peft::Error` for a file that is not whole or not of this key.
TokenStore read_store(const fs::path& path, std::string_view key) {
  const auto file = std::make_shared<const MappedFile>(path);
  const std::string_view content(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
  constexpr size_t hash_size = 32;
  if (!content.starts_with(magic) || content.size() < magic.size() + hash_size) {
    throw Error("it does not begin as one");
  }
  const std::string_view body = content.substr(0, content.size() - hash_size);
  if (xxh3(body) != content.substr(body.size())) throw Error("its checksum is wrong");
  ByteReader reader(body);
  reader.skip(magic.size());
  if (reader.text() != key) throw Error("it is of other data");
  const auto bytes = reader.array<char>();
  return TokenStore::open({bytes.data(), bytes.size()}, file);
}

bool is_entry(const fs::directory_entry& file) {
  return file.path().extension() == extension;
}

// What a process that was killed left behind.
bool is_abandoned(const fs::directory_entry& file) {
  std::error_code gone;
  const auto written = file.last_write_time(gone);
  return !gone &&
         file.path().filename().string().find(std::string(extension) + ".tmp.") != std::string::npos &&
         fs::file_time_type::clock::now() - written > std::chrono::hours(1);
}

}  // namespace

fs::path TokenCache::file_of(std::string_view key) const {
  return folder_ / (sha256(key).substr(0, 32) + extension);
}

TokenCache::Found TokenCache::find(std::string_view key) const {
  const fs::path file = file_of(key);
  std::error_code absent;
  if (!fs::exists(file, absent)) return {};
  try {
    Found found{.store = read_store(file, key), .note = {}};
    std::error_code read_only;  // then it is pruned a little too early
    fs::last_write_time(file, fs::file_time_type::clock::now(), read_only);
    return found;
  } catch (const Error& problem) {
    return {.store = {},
            .note = file.string() + " is not the tokenised data that was kept there (" + problem.what() +
                    "): it is made again"};
  }
}

std::string TokenCache::keep(std::string_view key, const TokenStore& store) const {
  const auto not_kept = [](const std::string& reason) {
    return "the tokenised data was not kept for the next run: " + reason + remedy;
  };
  if (store.bytes().size() > limit_) return not_kept("it is larger than all that is kept");
  try {
    create_folders(folder_);
    replace_file(file_of(key), file_content(key, store));
    prune(file_of(key));
    return {};
  } catch (const Error& problem) {
    return not_kept(problem.what());
  }
}

void TokenCache::prune(const fs::path& newest) const {
  struct Entry {
    fs::file_time_type used;
    fs::path file;
    uint64_t bytes = 0;
  };
  std::vector<Entry> entries;
  uint64_t total = 0;
  std::error_code problem;  // a file that another process removes meanwhile is no problem
  for (fs::directory_iterator file(folder_, problem), end; !problem && file != end; file.increment(problem)) {
    std::error_code gone;
    if (is_abandoned(*file)) fs::remove(file->path(), gone);
    if (!is_entry(*file)) continue;
    const Entry entry{file->last_write_time(gone), file->path(), file->file_size(gone)};
    if (gone) continue;
    total += entry.bytes;
    if (entry.file != newest) entries.push_back(entry);
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
  for (const Entry& entry : entries) {
    if (total <= limit_) return;
    std::error_code gone;
    fs::remove(entry.file, gone);
    total -= entry.bytes;
  }
}

std::optional<fs::path> token_cache_folder() {
  const auto variable = [](const char* name) -> fs::path {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  const fs::path wanted = variable("PEFT_CACHE");
  if (wanted == "off") return {};
  if (!wanted.empty()) return wanted / "tokens";
  const fs::path cache = variable("XDG_CACHE_HOME");
  if (cache.is_absolute()) return cache / "peft-host" / "tokens";  // a relative one counts as unset, says XDG
  const fs::path home = variable("HOME");
  if (home.empty()) return {};
  return home / ".cache" / "peft-host" / "tokens";
}

}  // namespace peft::host
