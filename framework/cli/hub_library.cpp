#include "cli/hub_library.h"

#include "base/late_library.h"
#include "cli/program_files.h"

namespace peft::host {

std::unique_ptr<Hub> open_hub(HubObserver& observer) {
  const auto make = reinterpret_cast<MakeHub>(
      open_late(hub_file(), hub_entry_point, "the hub's library", "libcurl and OpenSSL's libcrypto"));
  return std::unique_ptr<Hub>(make(observer));
}

}  // namespace peft::host
