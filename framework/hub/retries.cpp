#include "hub/retries.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace peft::host {
namespace {

constexpr int patience = 5;
// Where no connection comes about there is mostly no network, and nobody wants to wait for that.
constexpr int patience_unreached = 2;
constexpr double first_pause = 0.5;
constexpr double longest_pause = 300.0;

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
  return text;
}

// `Retry-After` in seconds. It may also be a date, which hubs do not use.
std::optional<double> asked_pause(const HttpResponse& answer) {
  const std::string text = answer.header("retry-after");
  char* end = nullptr;
  const double seconds = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(seconds) || seconds < 0) return std::nullopt;
  return std::min(seconds, longest_pause);
}

std::string status_text(int status) {
  switch (status) {
    case 429: return "429, too many requests";
    case 500: return "500, an error of its own";
    case 502: return "502, bad gateway";
    case 503: return "503, unavailable";
    case 504: return "504, gateway timeout";
    default: return std::to_string(status);
  }
}

}  // namespace

bool is_passing(int status) {
  return status == 429 || (status >= 500 && status <= 504 && status != 501);
}

void Retries::after(const HttpFailure& failure) {
  const bool never_reached = !failure.was_reached && !has_succeeded_;
  wait(failure.what(), never_reached ? patience_unreached : patience, std::nullopt);
}

void Retries::after(const HttpResponse& answer) {
  wait("the hub answers " + status_text(answer.status), patience, asked_pause(answer));
}

void Retries::wait(const std::string& what_happened, int most_failures, std::optional<double> asked_seconds) {
  using clock = std::chrono::steady_clock;
  ++failures_;
  if (failures_ >= most_failures) {
    throw HubUnavailable(what_ + ": " + what_happened + " (asked " + std::to_string(failures_) +
                         " times); try again later, what was fetched is kept");
  }
  const double seconds = asked_seconds.value_or(first_pause * std::exp2(failures_ - 1));
  observer_.note(what_ + ": " + what_happened + "; asking again in " + seconds_text(seconds));
  const auto until = clock::now() + std::chrono::duration<double>(seconds);
  while (clock::now() < until) {
    if (observer_.interrupted()) throw HubInterrupted();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

HttpResponse get_patiently(HttpClient& client, const HttpRequest& request, const std::string& what,
                           HubObserver& observer) {
  Retries retries(what, observer);
  for (;;) {
    try {
      HttpResponse answer = client.get(request);
      if (!is_passing(answer.status)) return answer;
      retries.after(answer);
    } catch (const HttpFailure& failure) {
      retries.after(failure);
    }
  }
}

}  // namespace peft::host
