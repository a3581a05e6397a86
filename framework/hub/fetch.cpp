#include "hub/fetch.h"

#include <filesystem>
#include <system_error>

#include "base/byte_size.h"
#include "base/figures.h"
#include "hub/download.h"
#include "hub/file_lock.h"
#include "hub/transfer_meter.h"
#include "peft/error.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

int64_t size_or_zero(const fs::path& file) {
  std::error_code absent;
  const auto size = fs::file_size(file, absent);
  return absent ? 0 : static_cast<int64_t>(size);
}

bool has_blob(const RepositoryCache& cache, const HubFile& file) {
  std::error_code absent;
  const bool is_there = fs::is_regular_file(cache.blob(file.etag), absent);
  return is_there && size_or_zero(cache.blob(file.etag)) == file.size;
}

// Said before anything is fetched, not in the middle of gigabytes.
void check_room(const std::vector<HubFile>& missing, const RepositoryCache& cache) {
  int64_t needed = 0;
  for (const HubFile& file : missing) {
    if (!has_blob(cache, file))
      needed += file.size - std::min(file.size, size_or_zero(cache.incomplete(file.etag)));
  }
  std::error_code unknown;
  const fs::space_info space = fs::space(cache.folder(), unknown);
  if (unknown || needed <= static_cast<int64_t>(space.available)) return;
  throw Error(cache.folder().string() + " has no room for " + byte_size(needed) + ": " +
              byte_size(static_cast<int64_t>(space.available)) +
              " are free; make room, or set HF_HOME to a folder on another disk");
}

}  // namespace

std::vector<HubFile> missing_files(const RepositoryCache& cache, const HubFiles& files) {
  std::vector<HubFile> missing;
  for (const HubFile& file : files.files) {
    if (!cache.has(files.address.revision, file)) missing.push_back(file);
  }
  return missing;
}

void fetch_files(const std::vector<HubFile>& missing, const HubFiles& files, const Repository& repository,
                 const RepositoryCache& cache, HttpClient& client, const HubApi& api,
                 const HubSettings& settings, HubObserver& observer) {
  if (missing.empty()) return;
  const std::string& commit = files.address.revision;
  cache.create_folders_for_blobs();
  check_room(missing, cache);
  int64_t total = 0;
  for (const HubFile& file : missing) total += file.size;
  TransferMeter meter(repository.id, total, observer);
  for (const HubFile& file : missing) {
    const Wanted wanted{repository, files.revision, file.path};
    bool is_said = false;
    const FileLock lock(cache.lock(file.etag), [&] {
      if (!is_said) observer.note("waiting for another process that fetches " + described(wanted));
      is_said = true;
      if (observer.interrupted()) throw HubInterrupted();
    });
    if (has_blob(cache, file)) {
      meter.on_file(file.size);
    } else {
      const DownloadRequest request{api.file_url(repository, commit, file.path), file, commit, wanted};
      download(client, request, cache, settings, observer, [&](int64_t there) { meter.on_file(there); });
    }
    cache.link(commit, file);
    meter.end_file(file.size);
  }
  observer.note("fetched " + repository.id + " (" + std::to_string(missing.size()) +
                (missing.size() == 1 ? " file, " : " files, ") + byte_size(total) + ") in " +
                duration(meter.seconds()) + " into " + cache.folder().string());
}

}  // namespace peft::host
