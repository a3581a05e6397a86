#include "report/axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "base/figures.h"

namespace peft::host {
namespace {

constexpr int usual_ticks = 5;
constexpr std::array<double, 3> round_factors = {1, 2, 5};

double power_of_ten(double exponent) {
  return std::pow(10.0, exponent);
}

// "2e-4" of 2e-04, "1.10115" of 1.10115e+00.
std::string with_short_exponent(std::string text) {
  const size_t at = text.find('e');
  if (at == std::string::npos) return text;
  const bool negative = text[at + 1] == '-';
  const size_t digits = text.find_first_not_of('0', at + 2);
  if (digits == std::string::npos) return text.substr(0, at);
  return text.substr(0, at + 1) + (negative ? "-" : "") + text.substr(digits);
}

std::string formatted(const char* format, int decimals, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, decimals, value);
  return text.data();
}

// With the decimals that ticks `distance` apart need.
std::string label_of(double value, double distance) {
  const double magnitude = std::fabs(value);
  if (magnitude < distance * 1e-6) return "0";
  const int finest = static_cast<int>(std::floor(std::log10(distance) + 1e-9));
  if (finest < -3 || finest > 6) {
    const int first = static_cast<int>(std::floor(std::log10(magnitude) + 1e-9));
    return with_short_exponent(formatted("%.*e", std::max(first - finest, 0), value));
  }
  if (finest >= 0) return with_separators(std::llround(value));
  return formatted("%.*f", -finest, value);
}

// 1, 2 and 5 times every power of ten; over many decades the powers alone, or every other one.
std::vector<Tick> decade_ticks(double lowest, double highest, int count) {
  const double first = std::floor(std::log10(lowest) + 1e-9);
  const double last = std::ceil(std::log10(highest) - 1e-9);
  const double decades = last - first;
  const double stride = std::max(1.0, std::ceil(decades / (count + 1)));
  std::vector<Tick> ticks;
  for (double exponent = first; exponent <= last; exponent += stride) {
    for (const double factor : round_factors) {
      if (factor > 1 && decades * static_cast<double>(round_factors.size()) > 2 * count) break;
      const double value = factor * power_of_ten(exponent);
      if (value >= lowest * (1 - 1e-9) && value <= highest * (1 + 1e-9))
        ticks.push_back({value, label_of(value, power_of_ten(exponent))});
    }
  }
  return ticks;
}

std::vector<Tick> even_ticks(double lowest, double highest, double distance) {
  std::vector<Tick> ticks;
  const auto last = static_cast<int64_t>(std::floor(highest / distance + 1e-6));
  for (auto i = static_cast<int64_t>(std::ceil(lowest / distance - 1e-6)); i <= last; ++i) {
    const double value = static_cast<double>(i) * distance;
    ticks.push_back({value, label_of(value, distance)});
  }
  return ticks;
}

// A range for a single value too: a line through the middle, or at the bottom for nothing but 0.
void widen(double& lowest, double& highest) {
  if (highest > lowest) return;
  const double room = std::fabs(lowest) / 2;
  lowest -= room;
  highest += room > 0 ? room : 1.0;
}

}  // namespace

double tick_distance(double span, int count) {
  const double rough = span / count;
  const double power = power_of_ten(std::floor(std::log10(rough)));
  for (const double factor : round_factors) {
    if (rough <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

Axis::Axis(double lowest, double highest, double from, double to, Scale scale)
    : lowest_(lowest), highest_(highest), from_(from), to_(to), scale_(scale) {
  widen(lowest_, highest_);
}

Axis Axis::rounded(double lowest, double highest, double from, double to, Scale scale) {
  widen(lowest, highest);
  if (scale == Scale::logarithmic) return {lowest / 1.1, highest * 1.1, from, to, scale};
  const double distance = tick_distance(highest - lowest, usual_ticks);
  return {std::floor(lowest / distance + 1e-9) * distance, std::ceil(highest / distance - 1e-9) * distance,
          from, to, scale};
}

double Axis::place(double value) const {
  const auto scaled = [this](double v) { return scale_ == Scale::logarithmic ? std::log10(v) : v; };
  const double share = (scaled(value) - scaled(lowest_)) / (scaled(highest_) - scaled(lowest_));
  return from_ + share * (to_ - from_);
}

std::vector<Tick> Axis::ticks(int count) const {
  if (scale_ == Scale::logarithmic) return decade_ticks(lowest_, highest_, count);
  return even_ticks(lowest_, highest_, tick_distance(highest_ - lowest_, count));
}

std::vector<Tick> Axis::whole_ticks(int count) const {
  return even_ticks(lowest_, highest_, std::max(1.0, tick_distance(highest_ - lowest_, count)));
}

}  // namespace peft::host
