#include "hub/hub.h"

namespace peft::host {

int64_t HubFiles::bytes() const {
  int64_t bytes = 0;
  for (const HubFile& file : files) bytes += file.size;
  return bytes;
}

}  // namespace peft::host
