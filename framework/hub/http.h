// HTTP as the hub needs it: GET, redirects, and a token that stays with the host it was meant for.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hub/hub.h"
#include "hub/settings.h"
#include "peft/error.h"

namespace peft::host {

struct HttpRequest {
  std::string url;
  std::vector<std::string> headers{};  // "Range: bytes=100-"
};

struct HttpResponse {
  int status = 0;
  // Of the last answer, names in lower case. Those beginning with `x-` may also come from an answer that led
  // there, the first one's counting: the hub says there what its storage does not know.
  std::map<std::string, std::string> headers;
  std::string body;  // empty where it went to a sink

  std::string header(const std::string& name) const;  // empty text where there is none
};

// No answer, or half of one. `was_reached` is false where not even a connection came about.
class HttpFailure : public Error {
 public:
  HttpFailure(const std::string& message, bool reached) : Error(message), was_reached(reached) {}
  bool was_reached;
};

// Begins with the answer, whose status is 200 or 206; then come the bytes.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual void begin(const HttpResponse& answer) = 0;
  virtual void write(std::string_view bytes) = 0;
};

// One connection, kept from request to request. Not for several threads.
class HttpClient {
 public:
  // Both must outlive the client.
  HttpClient(const HubSettings& settings, const HubObserver& observer);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Follows redirects, http and https only and never from https to http. The settings' token goes to the
  // scheme, host and port of their endpoint and nowhere else, whatever redirects say. Bodies of errors are
  // cut short; without a sink a body is kept, up to 512 MB. Throws `HttpFailure`, `HubInterrupted`, and
  // whatever the sink throws.
  HttpResponse get(const HttpRequest& request, BodySink* sink = nullptr);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
  const HubSettings& settings_;
  const HubObserver& observer_;
};

// Where a request goes: "https://huggingface.co:443". Throws `peft::Error` where `url` is none.
std::string origin_of(const std::string& url);

// Percent-encoded, but for the `/` between parts.
std::string url_path(std::string_view path);

}  // namespace peft::host
