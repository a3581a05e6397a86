// What libpeft_hub.so shows: its entry point, and nothing else.
#include "hub/cached_hub.h"

extern "C" __attribute__((visibility("default"))) peft::host::Hub* peft_make_hub(
    peft::host::HubObserver& observer) {
  return new peft::host::CachedHub(peft::host::hub_settings(), observer);
}
