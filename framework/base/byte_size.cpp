#include "base/byte_size.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

namespace peft::host {
namespace {

constexpr std::array<std::pair<std::string_view, double>, 9> units = {{{"b", 1.0},
                                                                       {"kb", 1e3},
                                                                       {"mb", 1e6},
                                                                       {"gb", 1e9},
                                                                       {"tb", 1e12},
                                                                       {"kib", 0x1p10},
                                                                       {"mib", 0x1p20},
                                                                       {"gib", 0x1p30},
                                                                       {"tib", 0x1p40}}};

}  // namespace

std::optional<int64_t> parse_byte_size(std::string_view text) {
  double number = 0.0;
  const char* end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  std::string unit;
  for (const char* at = after; at != end; ++at) {
    if (*at == ' ' && unit.empty()) continue;
    unit += static_cast<char>(std::tolower(static_cast<unsigned char>(*at)));
  }
  for (const auto& [name, bytes] : units) {
    if (unit != name) continue;
    const double size = std::round(number * bytes);
    if (!(size >= 0.0 && size < 0x1p63)) return std::nullopt;
    return static_cast<int64_t>(size);
  }
  return std::nullopt;
}

std::string byte_size(int64_t bytes) {
  constexpr std::array<const char*, 5> names = {"B", "kB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  size_t unit = 0;
  while (size >= 999.5 && unit + 1 < names.size()) {
    size /= 1000.0;
    ++unit;
  }
  std::array<char, 32> text{};
  const bool tenths = unit >= 3 || (unit > 0 && size < 9.95);
  std::snprintf(text.data(), text.size(), tenths ? "%.1f %s" : "%.0f %s", size, names.at(unit));
  return text.data();
}

}  // namespace peft::host
