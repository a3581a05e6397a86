#include "cli/progress_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/byte_size.h"
#include "base/figures.h"

namespace peft::host {

std::string step_count(const StepLine& line) {
  return "step " + with_separators(line.step) + "/" + with_separators(line.total_steps);
}

std::string step_figures(const StepLine& line) {
  std::array<char, 64> epoch{};
  std::snprintf(epoch.data(), epoch.size(), "epoch %.2f", line.epoch);
  const bool has_speed = std::isfinite(line.tokens_per_second) && line.tokens_per_second < 1e15;
  const std::string penalty = line.penalty ? "  penalty " + figure(*line.penalty) : "";
  return std::string(epoch.data()) + "  loss " + figure(line.loss) + penalty + "  " +
         (has_speed ? with_separators(std::llround(line.tokens_per_second)) : "-") + " tokens/s  ETA " +
         duration(line.seconds_left);
}

std::string evaluation_line(int64_t step, const std::map<std::string, double>& figures) {
  std::string text = "evaluation at step " + with_separators(step) + ":";
  for (const auto& [name, value] : figures) text += "  " + name + " " + figure(value);
  return text;
}

std::string warning_line(const std::string& text) {
  return text.find(": warning: ") != std::string::npos ? text : "peft-host: warning: " + text;
}

std::string progress_count(std::string_view what, int64_t done, int64_t total) {
  std::string text = std::string(what) + " " + with_separators(done);
  return total > 0 ? text + "/" + with_separators(total) : text;
}

std::string transfer_amount(const TransferLine& line) {
  // Without its owner a name leaves room for a bar.
  return "fetching " + line.what.substr(line.what.rfind('/') + 1) + " " + byte_size(line.done) + " of " +
         byte_size(line.total);
}

std::string transfer_speed(const TransferLine& line) {
  if (line.bytes_per_second <= 0) return "";
  return byte_size(std::llround(line.bytes_per_second)) + "/s  ETA " + duration(line.seconds_left);
}

std::string bar(int64_t done, int64_t total, size_t width) {
  constexpr size_t least_width = 8;
  if (total <= 0 || width < least_width) return "";
  const size_t inner = width - 2;
  const double share = std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
  const auto filled = static_cast<size_t>(share * static_cast<double>(inner));
  std::string text(inner, ' ');
  std::fill_n(text.begin(), filled, '=');
  if (filled < inner) text[filled] = '>';
  return "[" + text + "]";
}

}  // namespace peft::host
