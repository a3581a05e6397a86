// What is asked of the hub: which commit a revision is, and which files a commit has.
#pragma once

#include <string>

#include "hub/http.h"
#include "hub/listing.h"
#include "hub/refusals.h"

namespace peft::host {

class HubApi {
 public:
  // All must outlive it.
  HubApi(const HubSettings& settings, HttpClient& client, HubObserver& observer)
      : settings_(settings), client_(client), observer_(observer) {}

  // Throw as `Hub::find`, and `HubUnavailable` where the hub cannot be asked now.
  std::string commit_of(const Repository& repository, const std::string& revision);
  Listing listing(const Repository& repository, const std::string& commit);

  std::string file_url(const Repository& repository, const std::string& commit,
                       const std::string& path) const {
    return settings_.endpoint + repository.page() + "/resolve/" + commit + "/" + url_path(path);
  }

 private:
  HttpResponse ask(const std::string& url, const Wanted& wanted);

  const HubSettings& settings_;
  HttpClient& client_;
  HubObserver& observer_;
};

}  // namespace peft::host
