#include "base/figures.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace peft::host {
namespace {

template <class... Numbers>
std::string formatted(const char* format, Numbers... numbers) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, numbers...);
  return text.data();
}

bool is_awkward(double magnitude) {
  return magnitude != 0 && (magnitude < 1e-3 || magnitude >= 1e7);
}

}  // namespace

std::string with_separators(int64_t number) {
  std::string digits = std::to_string(number);
  const size_t first = number < 0 ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string share_of(int64_t part, int64_t whole) {
  if (whole <= 0) return "-";
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  // Enough digits that a small share is not shown as none.
  return formatted(percent != 0 && percent < 0.01 ? "%.2g %%" : "%.2f %%", percent);
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e9) return "-";
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  const auto hours = static_cast<long long>(whole / 3600);
  const int minutes = static_cast<int>(whole / 60 % 60);
  const int rest = static_cast<int>(whole % 60);
  return hours > 0 ? formatted("%lld:%02d:%02d", hours, minutes, rest) : formatted("%d:%02d", minutes, rest);
}

std::string figure(double value) {
  if (std::isnan(value)) return "-";
  return formatted(is_awkward(std::fabs(value)) ? "%.4e" : "%.4f", value);
}

std::string signed_figure(double value) {
  if (std::isnan(value)) return "-";
  return formatted(is_awkward(std::fabs(value)) ? "%+.4e" : "%+.4f", value);
}

}  // namespace peft::host
