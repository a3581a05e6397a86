#include "recipe/fetched.h"

#include "hub/address.h"
#include "peft/error.h"

namespace peft::host {
namespace {

template <class Map>
const auto& fetched(const Map& map, const std::string& address) {
  const auto found = map.find(address);
  if (found == map.end()) throw Error("'" + address + "' has not been fetched");
  return found->second;
}

}  // namespace

std::string Fetched::folder(const std::string& place) const {
  return is_hub_address(place) ? fetched(folders_, place) : place;
}

std::vector<std::string> Fetched::files(const std::vector<std::string>& sources) const {
  std::vector<std::string> all;
  for (const std::string& source : sources) {
    if (!is_hub_address(source)) {
      all.push_back(source);
      continue;
    }
    const std::vector<std::string>& files = fetched(files_, source);
    all.insert(all.end(), files.begin(), files.end());
  }
  return all;
}

}  // namespace peft::host
