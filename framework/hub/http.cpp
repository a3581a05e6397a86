#include "hub/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <new>
#include <utility>

namespace peft::host {
namespace {

constexpr int most_redirects = 10;
constexpr size_t longest_error_body = 4096;
constexpr size_t longest_body = size_t{512} << 20;

// What curl's callbacks work on. No exception may pass through curl: it waits here.
struct Exchange {
  const HubObserver& observer;
  CURL* curl;
  HttpResponse& response;
  BodySink* sink;
  bool has_begun = false;
  std::exception_ptr problem;
};

bool is_content(int status) {
  return status == 200 || status == 206;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

void read_header(HttpResponse& response, std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string name = lower(std::string(line.substr(0, colon)));
  line.remove_prefix(colon + 1);
  while (line.starts_with(' ') || line.starts_with('\t')) line.remove_prefix(1);
  if (name.starts_with("x-")) {
    response.headers.emplace(name, line);
  } else {
    response.headers[name] = line;
  }
}

size_t on_header(char* data, size_t, size_t size, void* user) {
  read_header(static_cast<Exchange*>(user)->response, {data, size});
  return size;
}

void take_body(Exchange& exchange, std::string_view bytes) {
  long status = 0;
  ::curl_easy_getinfo(exchange.curl, CURLINFO_RESPONSE_CODE, &status);
  std::string& body = exchange.response.body;
  if (!is_content(static_cast<int>(status))) {
    body.append(bytes.substr(0, longest_error_body - std::min(body.size(), longest_error_body)));
    return;
  }
  if (exchange.sink == nullptr) {
    if (body.size() + bytes.size() > longest_body) throw Error("the answer is longer than any listing is");
    body.append(bytes);
    return;
  }
  if (!std::exchange(exchange.has_begun, true)) {
    exchange.response.status = static_cast<int>(status);
    exchange.sink->begin(exchange.response);
  }
  exchange.sink->write(bytes);
}

size_t on_body(char* data, size_t, size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  try {
    take_body(exchange, {data, size});
    return size;
  } catch (...) {
    exchange.problem = std::current_exception();
    return CURL_WRITEFUNC_ERROR;
  }
}

// Called a few times a second, also while nothing comes.
int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(user)->observer.interrupted() ? 1 : 0;
}

// Not one of these: the answer will be the same next time.
bool may_pass(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_OUT_OF_MEMORY: return false;
    default: return true;
  }
}

bool is_before_connection(CURLcode code) {
  return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
         code == CURLE_COULDNT_CONNECT;
}

using UrlPart = std::unique_ptr<char, decltype(&::curl_free)>;

UrlPart part_of(CURLU* url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  ::curl_url_get(url, part, &text, flags);
  return {text, &::curl_free};
}

class HeaderList {
 public:
  ~HeaderList() { ::curl_slist_free_all(list_); }
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  void add(const std::string& line) {
    curl_slist* longer = ::curl_slist_append(list_, line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    list_ = longer;
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

}  // namespace

std::string HttpResponse::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string origin_of(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)> parsed(::curl_url(), &::curl_url_cleanup);
  if (::curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    throw Error("'" + url + "' is no address");
  const UrlPart scheme = part_of(parsed.get(), CURLUPART_SCHEME, 0);
  const UrlPart host = part_of(parsed.get(), CURLUPART_HOST, 0);
  const UrlPart port = part_of(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!scheme || !host || !port) throw Error("'" + url + "' is no address");
  return lower(std::string(scheme.get()) + "://" + host.get()) + ":" + port.get();
}

std::string url_path(std::string_view path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain = "-_.~/";
  std::string text;
  for (const char c : path) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          plain.find(c) != std::string_view::npos;
    if (is_plain) {
      text += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return text;
}

struct HttpClient::Handle {
  Handle() {
    static const CURLcode ready = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready == CURLE_OK) curl = ::curl_easy_init();
    if (curl == nullptr) throw Error("libcurl cannot be started");
  }
  ~Handle() { ::curl_easy_cleanup(curl); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  template <class Argument>
  void set(CURLoption option, Argument argument) {
    if (::curl_easy_setopt(curl, option, argument) != CURLE_OK) throw Error("libcurl refuses an option");
  }

  // One request and its answer, whatever its status.
  void perform(const std::string& url, const HeaderList& headers, Exchange& exchange) {
    std::array<char, CURL_ERROR_SIZE> said{};
    set(CURLOPT_ERRORBUFFER, said.data());
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, &exchange);
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, &exchange);
    set(CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(CURLOPT_XFERINFODATA, &exchange);
    set(CURLOPT_NOPROGRESS, 0L);
    const CURLcode code = ::curl_easy_perform(curl);
    ::curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
    if (exchange.problem) std::rethrow_exception(exchange.problem);
    if (code == CURLE_ABORTED_BY_CALLBACK) throw HubInterrupted();
    long status = 0;
    ::curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    exchange.response.status = static_cast<int>(status);
    if (code == CURLE_OK) return;
    const std::string reason = said.front() != '\0' ? said.data() : ::curl_easy_strerror(code);
    if (!may_pass(code)) throw Error(origin_of(url) + ": " + reason);
    throw HttpFailure(origin_of(url) + ": " + reason, !is_before_connection(code));
  }

  // Where the last answer redirects to; empty where it does not.
  std::string redirect() const {
    char* url = nullptr;
    ::curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &url);
    return url != nullptr ? url : "";
  }

  CURL* curl = nullptr;
};

HttpClient::HttpClient(const HubSettings& settings, const HubObserver& observer)
    : handle_(std::make_unique<Handle>()), settings_(settings), observer_(observer) {
#if LIBCURL_VERSION_NUM >= 0x075500
  handle_->set(CURLOPT_PROTOCOLS_STR, "http,https");
#else
  handle_->set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  handle_->set(CURLOPT_FOLLOWLOCATION, 0L);  // `get` does, and says what goes where
  handle_->set(CURLOPT_NOSIGNAL, 1L);
  handle_->set(CURLOPT_USERAGENT, "peft-host");
  handle_->set(CURLOPT_CONNECTTIMEOUT, settings.connect_seconds);
  handle_->set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  handle_->set(CURLOPT_LOW_SPEED_TIME, settings.silence_seconds);
  // Certificates of a proxy's own, as other programs are told of them.
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"}) {
    const char* file = std::getenv(name);
    if (file != nullptr && *file != '\0') handle_->set(CURLOPT_CAINFO, file);
  }
}

HttpClient::~HttpClient() = default;

HttpResponse HttpClient::get(const HttpRequest& request, BodySink* sink) {
  HttpResponse response;
  std::string url = request.url;
  for (int redirects = 0; redirects <= most_redirects; ++redirects) {
    std::erase_if(response.headers, [](const auto& header) { return !header.first.starts_with("x-"); });
    response.body.clear();
    HeaderList headers;
    for (const std::string& line : request.headers) headers.add(line);
    if (!settings_.token.empty() && origin_of(url) == origin_of(settings_.endpoint))
      headers.add("Authorization: Bearer " + settings_.token);
    Exchange exchange{observer_, handle_->curl, response, sink, false, nullptr};
    handle_->perform(url, headers, exchange);
    const bool is_empty_file = sink != nullptr && is_content(response.status) && !exchange.has_begun;
    if (is_empty_file) sink->begin(response);
    const std::string next = handle_->redirect();
    if (next.empty()) return response;
    const bool is_downgrade = url.starts_with("https:") && !next.starts_with("https:");
    if (is_downgrade)
      throw Error(origin_of(url) + " redirects to " + origin_of(next) + ", which is not https");
    url = next;
  }
  throw Error(origin_of(request.url) + " redirects in a circle");
}

}  // namespace peft::host
