#include "data/token_cache.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <system_error>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/sha256.h"
#include "peft/error.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

constexpr const char* extension = ".tokens";
constexpr const char* remedy = "; set PEFT_CACHE to another folder, or to off";

std::string not_kept(const std::string& reason) {
  return "the tokenised data was not kept for the next run: " + reason + remedy;
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
  try {
    Found found{.store = read_token_file(file, key), .note = {}};
    if (!found.store) return found;
    std::error_code read_only;  // then it is pruned a little too early
    fs::last_write_time(file, fs::file_time_type::clock::now(), read_only);
    return found;
  } catch (const Error& problem) {
    return {.store = {},
            .note = file.string() + " is not the tokenised data that was kept there (" + problem.what() +
                    "): it is made again"};
  }
}

TokenCache::Begun TokenCache::begin(std::string_view key) const {
  try {
    create_folders(folder_);
    return {.file = std::make_unique<TokenFile>(file_of(key), key), .note = {}};
  } catch (const Error& problem) {
    return {.file = std::make_unique<TokenFile>(), .note = not_kept(problem.what())};
  }
}

std::string TokenCache::keep(std::string_view key, TokenFile& file) const {
  if (file.size() > limit_) return not_kept("it is larger than all that is kept");
  try {
    file.replace(file_of(key));
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
