// The files of a repository that are not in the cache yet, one after the other.
#pragma once

#include <vector>

#include "hub/api.h"
#include "hub/hub.h"
#include "hub/repository_cache.h"

namespace peft::host {

std::vector<HubFile> missing_files(const RepositoryCache& cache, const HubFiles& files);

// Under each blob's lock: a blob that is there (of another commit, or fetched by another process meanwhile)
// is linked, another one downloaded. Throws as `download`, and where the disk has no room for all of it.
void fetch_files(const std::vector<HubFile>& missing, const HubFiles& files, const Repository& repository,
                 const RepositoryCache& cache, HttpClient& client, const HubApi& api,
                 const HubSettings& settings, HubObserver& observer);

}  // namespace peft::host
