// Moments as people everywhere read them.
#pragma once

#include <chrono>
#include <string>

namespace peft::host {

// "2026-11-22 07:40:05Z", as RFC 3339 has it: in UTC, to the second, sorted as text by time.
std::string utc_text(std::chrono::system_clock::time_point moment);

}  // namespace peft::host
