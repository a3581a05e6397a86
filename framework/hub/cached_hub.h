// The hub behind the interface of hub.h: asks, chooses, and fetches into the cache.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "hub/api.h"
#include "hub/hub.h"
#include "hub/repository_cache.h"
#include "hub/settings.h"

namespace peft::host {

class CachedHub : public Hub {
 public:
  CachedHub(HubSettings settings, HubObserver& observer);

  HubFiles find(const HubAddress& address, HubContent content) override;
  std::filesystem::path fetch(const HubFiles& files) override;

 private:
  // Each asks the hub where it must and may; what the cache knows of a branch or tag stands in where the hub
  // cannot answer, which `notes` then says.
  std::string commit_of(const Repository& repository, const std::string& revision,
                        std::vector<std::string>& notes);
  std::vector<HubFile> files_of(const Repository& repository, const std::string& commit,
                                std::vector<std::string>& notes);
  [[noreturn]] void refuse_offline(const std::string& what) const;

  HubSettings settings_;
  HubObserver& observer_;
  HttpClient client_;
  HubApi api_;
};

}  // namespace peft::host
