#include "hub/repository_cache.h"

#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "base/files.h"
#include "peft/error.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

// A folder that backup programs may leave out says so by this file.
void tag_as_cache(const fs::path& folder) {
  const fs::path tag = folder / "CACHEDIR.TAG";
  std::error_code unknown;
  if (fs::exists(tag, unknown)) return;
  replace_file(tag,
               "Signature: 8a477f597d28d172789f06886806bc55\n"
               "# A cache of the Hugging Face Hub: what is here can be fetched again.\n");
}

void write_if_possible(const fs::path& file, const std::string& content) {
  try {
    create_folders(file.parent_path());
    replace_file(file, content);
  } catch (const Error&) {
    // Asked again next time.
  }
}

}  // namespace

std::optional<std::string> RepositoryCache::commit_of(const std::string& revision) const {
  const fs::path ref = folder_ / "refs" / revision;
  std::error_code unknown;
  if (!fs::is_regular_file(ref, unknown)) return std::nullopt;
  std::string commit = read_file(ref);
  while (commit.ends_with('\n')) commit.pop_back();
  if (!is_commit(commit)) return std::nullopt;
  return commit;
}

std::optional<Listing> RepositoryCache::listing(const std::string& commit) const {
  const fs::path file = folder_ / "trees" / (commit + ".json");
  std::error_code unknown;
  if (!fs::is_regular_file(file, unknown)) return std::nullopt;
  return read_kept_listing(read_file(file));
}

void RepositoryCache::keep_commit(const std::string& revision, const std::string& commit) const {
  if (revision == commit || commit_of(revision) == commit) return;
  write_if_possible(folder_ / "refs" / revision, commit);
}

void RepositoryCache::keep_listing(const std::string& commit, const Listing& listing) const {
  write_if_possible(folder_ / "trees" / (commit + ".json"), kept_listing(listing));
}

std::vector<HubFile> RepositoryCache::files_in_snapshot(const std::string& commit) const {
  std::vector<HubFile> files;
  std::error_code problem;
  const fs::path root = snapshot(commit);
  for (const auto& entry : fs::recursive_directory_iterator(root, problem)) {
    if (!entry.is_regular_file(problem)) continue;
    files.push_back({.path = entry.path().lexically_relative(root).generic_string(),
                     .size = static_cast<int64_t>(entry.file_size(problem)),
                     .etag = {}});
  }
  std::sort(files.begin(), files.end(), [](const HubFile& a, const HubFile& b) { return a.path < b.path; });
  return files;
}

bool RepositoryCache::has(const std::string& commit, const HubFile& file) const {
  std::error_code absent;
  const auto size = fs::file_size(snapshot(commit) / file.path, absent);
  return !absent && size == static_cast<uintmax_t>(file.size);
}

void RepositoryCache::link(const std::string& commit, const HubFile& file) const {
  const fs::path link = snapshot(commit) / file.path;
  create_folders(link.parent_path());
  const fs::path target = blob(file.etag).lexically_relative(link.parent_path());
  // Under another name first: whoever looks meanwhile sees the old file or the new one.
  const fs::path temporary = link.string() + ".tmp." + std::to_string(::getpid());
  std::error_code problem;
  fs::remove(temporary, problem);
  fs::create_symlink(target, temporary, problem);
  if (!problem) fs::rename(temporary, link, problem);
  if (problem) throw Error("cannot make the link " + link.string() + ": " + problem.message());
}

void RepositoryCache::create_folders_for_blobs() const {
  create_folders(folder_ / "blobs");
  create_folders(cache_ / ".locks" / name_);
  tag_as_cache(cache_);
}

}  // namespace peft::host
