#include "base/utc_text.h"

#include <array>
#include <ctime>

namespace peft::host {

std::string utc_text(std::chrono::system_clock::time_point moment) {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(moment));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%SZ", &parts);
  return text.data();
}

}  // namespace peft::host
