// One blob from the hub into the cache: in parts where it has to be, and checked before it counts.
#pragma once

#include <functional>
#include <string>

#include "hub/http.h"
#include "hub/refusals.h"
#include "hub/repository_cache.h"

namespace peft::host {

struct DownloadRequest {
  std::string url;
  HubFile file;
  std::string commit;
  Wanted wanted;
};

// Goes on from `blobs/<etag>.incomplete` where there is one, and again after a broken connection; begins anew
// where the server sends the whole, or where what was kept turns out not to fit. The blob gets its name when
// its size and its hash are right and it is on the disk. The caller holds the blob's lock.
//
// `on_bytes` is told how many bytes of the file are there, whenever that changes; less than before where it
// begins anew. Throws `HubInterrupted` and `HubUnavailable`, the part kept; `peft::UsageError` where the hub
// refuses; `peft::Error` where size or hash are wrong twice, and where the disk fails.
void download(HttpClient& client, const DownloadRequest& request, const RepositoryCache& cache,
              const HubSettings& settings, HubObserver& observer,
              const std::function<void(int64_t)>& on_bytes);

}  // namespace peft::host
