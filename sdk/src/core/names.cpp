#include "peft/names.h"

#include <algorithm>
#include <array>

namespace peft {
namespace {

std::string folded(std::string_view name) {
  std::string result(name);
  for (char& byte : result) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
    if (byte == '-') byte = '_';
  }
  return result;
}

}  // namespace

// Lowrance and Wagner, "An Extension of the String-to-String Correction Problem", J. ACM 22 (1975).
size_t edit_distance(std::string_view a, std::string_view b) {
  const size_t width = b.size() + 2;
  const size_t unreachable = a.size() + b.size();
  // distance(i + 1, j + 1) is that of the first i bytes of a and the first j of b; row and column 0 are a
  // guard.
  std::vector<size_t> table((a.size() + 2) * width, unreachable);
  const auto distance = [&](size_t i, size_t j) -> size_t& { return table[i * width + j]; };
  for (size_t i = 0; i <= a.size(); ++i) distance(i + 1, 1) = i;
  for (size_t j = 0; j <= b.size(); ++j) distance(1, j + 1) = j;

  std::array<size_t, 256> last_row{};  // where each byte stood last in a, counted from 1
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t last_match = 0;  // the last column of this row where the bytes were equal
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t swap_row = last_row[static_cast<unsigned char>(b[j - 1])];
      const size_t swap_column = last_match;
      const bool equal = a[i - 1] == b[j - 1];
      if (equal) last_match = j;
      const size_t swapped = distance(swap_row, swap_column) + (i - swap_row - 1) + 1 + (j - swap_column - 1);
      distance(i + 1, j + 1) = std::min(
          {distance(i, j) + (equal ? 0 : 1), distance(i + 1, j) + 1, distance(i, j + 1) + 1, swapped});
    }
    last_row[static_cast<unsigned char>(a[i - 1])] = i;
  }
  return distance(a.size() + 1, b.size() + 1);
}

std::optional<std::string> suggest(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string wanted = folded(name);
  const std::string* nearest = nullptr;
  size_t nearest_distance = 0;
  for (const std::string& candidate : candidates) {
    const size_t longer = std::max(name.size(), candidate.size());
    const size_t shorter = std::min(name.size(), candidate.size());
    const size_t limit = std::max<size_t>(1, longer / 3);
    if (longer - shorter > limit) continue;  // spares the table where a key is a page long
    const size_t distance = edit_distance(wanted, folded(candidate));
    if (distance > limit || (nearest && distance >= nearest_distance)) continue;
    nearest = &candidate;
    nearest_distance = distance;
  }
  if (!nearest) return std::nullopt;
  return *nearest;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const auto nearest = suggest(name, candidates);
  return nearest ? std::string("; did you mean '").append(*nearest).append("'?") : "";
}

std::string join(const std::vector<std::string>& names, std::string_view separator) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += separator;
    text += names[i];
  }
  return text;
}

bool matches_site(std::string_view pattern, std::string_view name) {
  // reached[n]: the pattern so far matches the first n characters of the name.
  std::vector<char> reached(name.size() + 1, 0);
  reached[0] = 1;
  for (size_t p = 0; p < pattern.size(); ++p) {
    if (pattern[p] == '*') {
      const bool across_dots = p + 1 < pattern.size() && pattern[p + 1] == '*';
      for (size_t n = 0; n < name.size(); ++n) {
        if (reached[n] && (across_dots || name[n] != '.')) reached[n + 1] = 1;
      }
      if (across_dots) ++p;
      continue;
    }
    for (size_t n = name.size(); n > 0; --n) reached[n] = reached[n - 1] && pattern[p] == name[n - 1];
    reached[0] = 0;
  }
  return reached[name.size()] != 0;
}

}  // namespace peft
