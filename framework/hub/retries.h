// Patience with a network and with a hub that has much to do.
#pragma once

#include <optional>
#include <string>

#include "hub/http.h"
#include "hub/hub.h"

namespace peft::host {

// The hub cannot be reached, or cannot answer now: what is in the cache may do.
class HubUnavailable : public Error {
 public:
  using Error::Error;
};

// Whether the same request may be answered later: 429, and 500 to 504.
bool is_passing(int status);

class Retries {
 public:
  // `what` begins what is said of every failure: "cannot fetch config.json of the model a/b". It and the
  // observer must outlive this.
  Retries(const std::string& what, HubObserver& observer) : what_(what), observer_(observer) {}

  // Each waits until it is time to ask again, half a second at first and twice as long each time, or as long
  // as the answer asks for. Throws `HubUnavailable` where patience is at its end, `HubInterrupted` where the
  // user's is.
  void after(const HttpFailure& failure);
  void after(const HttpResponse& answer);
  // Something came: patience begins anew.
  void on_success() {
    failures_ = 0;
    has_succeeded_ = true;
  }

 private:
  void wait(const std::string& what_happened, int most_failures, std::optional<double> asked_seconds);

  const std::string& what_;
  HubObserver& observer_;
  int failures_ = 0;
  bool has_succeeded_ = false;
};

// GET, again and again where that may help. The answer may have any status that does not pass.
HttpResponse get_patiently(HttpClient& client, const HttpRequest& request, const std::string& what,
                           HubObserver& observer);

}  // namespace peft::host
