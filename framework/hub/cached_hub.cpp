#include "hub/cached_hub.h"

#include <utility>

#include "hub/fetch.h"
#include "hub/retries.h"
#include "hub/selection.h"
#include "peft/error.h"

namespace peft::host {
namespace {

constexpr const char* main_branch = "main";

std::vector<HubFile> plain(const Listing& listing) {
  std::vector<HubFile> files;
  for (const ListedFile& file : listing) files.push_back(file.file());
  return files;
}

}  // namespace

CachedHub::CachedHub(HubSettings settings, HubObserver& observer)
    : settings_(std::move(settings)),
      observer_(observer),
      client_(settings_, observer),
      api_(settings_, client_, observer) {}

HubFiles CachedHub::find(const HubAddress& address, HubContent content) {
  const Repository repository = Repository::of(address, content);
  HubFiles found;
  found.address = address;
  found.content = content;
  found.revision = address.revision.empty() ? main_branch : address.revision;
  found.address.revision = commit_of(repository, found.revision, found.notes);
  const std::vector<HubFile> all = files_of(repository, found.address.revision, found.notes);
  found.files = select_files(all, address, content);
  // Nothing to compare with: names alone can tell what is missing.
  if (!found.files.front().etag.empty()) return found;
  try {
    check_shards(found.files);
  } catch (const Error& problem) {
    throw Error(repository.described() + " at " + found.revision + ": " + problem.what());
  }
  return found;
}

std::filesystem::path CachedHub::fetch(const HubFiles& files) {
  const Repository repository = Repository::of(files.address, files.content);
  const RepositoryCache cache(settings_.cache, repository);
  const std::vector<HubFile> missing = missing_files(cache, files);
  if (!missing.empty() && settings_.offline) {
    refuse_offline(described({repository, files.revision, missing.front().path}) +
                   (missing.size() > 1 ? " (and " + std::to_string(missing.size() - 1) + " more)" : ""));
  }
  fetch_files(missing, files, repository, cache, client_, api_, settings_, observer_);
  cache.keep_commit(files.revision, files.address.revision);
  return cache.snapshot(files.address.revision);
}

std::string CachedHub::commit_of(const Repository& repository, const std::string& revision,
                                 std::vector<std::string>& notes) {
  if (is_commit(revision)) return revision;
  const std::optional<std::string> known = RepositoryCache(settings_.cache, repository).commit_of(revision);
  if (settings_.offline) {
    if (!known) refuse_offline(described({repository, revision}));
    return *known;
  }
  try {
    return api_.commit_of(repository, revision);
  } catch (const HubUnavailable& problem) {
    if (!known) throw;
    notes.push_back(std::string(problem.what()) + "; going on with " + *known + ", which " + revision +
                    " was when it was last fetched");
    return *known;
  }
}

std::vector<HubFile> CachedHub::files_of(const Repository& repository, const std::string& commit,
                                         std::vector<std::string>& notes) {
  const RepositoryCache cache(settings_.cache, repository);
  if (const std::optional<Listing> kept = cache.listing(commit)) return plain(*kept);
  std::vector<HubFile> in_cache = cache.files_in_snapshot(commit);
  const std::string unchecked = "going on with the files of " + repository.described() +
                                " that are in the cache; whether more belong to them only the hub can tell";
  if (settings_.offline) {
    if (in_cache.empty()) refuse_offline(described({repository, commit}));
    notes.push_back("HF_HUB_OFFLINE is set: " + unchecked);
    return in_cache;
  }
  try {
    const Listing listing = api_.listing(repository, commit);
    cache.keep_listing(commit, listing);
    return plain(listing);
  } catch (const HubUnavailable& problem) {
    if (in_cache.empty()) throw;
    notes.push_back(std::string(problem.what()) + "; " + unchecked);
    return in_cache;
  }
}

void CachedHub::refuse_offline(const std::string& what) const {
  throw Error(what + " is not in the cache, " + settings_.cache.string() +
              ", and HF_HUB_OFFLINE is set; unset it to fetch from " + settings_.endpoint);
}

}  // namespace peft::host
