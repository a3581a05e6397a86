#include "hub/settings.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <system_error>

#include "base/files.h"
#include "peft/error.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

// The first of these variables that holds something.
std::string variable(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "";
}

bool is_set(std::initializer_list<const char*> names) {
  std::string value = variable(names);
  std::transform(value.begin(), value.end(), value.begin(),
                 [](unsigned char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return value == "1" || value == "ON" || value == "YES" || value == "TRUE";
}

// `~` at the beginning is the home folder, as it is where a shell did not see it.
fs::path folder(const std::string& text) {
  const std::string home = variable({"HOME"});
  if (text == "~") return home;
  return text.starts_with("~/") ? fs::path(home) / text.substr(2) : fs::absolute(text);
}

fs::path home_folder() {
  const std::string given = variable({"HF_HOME"});
  if (!given.empty()) return folder(given);
  const std::string cache = variable({"XDG_CACHE_HOME"});
  return folder(cache.empty() ? "~/.cache" : cache) / "huggingface";
}

std::string trimmed(const std::string& text) {
  constexpr const char* white = " \t\r\n";
  const size_t begin = text.find_first_not_of(white);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(white) - begin + 1);
}

void read_token(HubSettings& settings) {
  const std::string given = trimmed(variable({"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}));
  std::error_code unknown;
  if (!given.empty()) {
    settings.token = given;
    settings.token_origin = "HF_TOKEN";
  } else if (!is_set({"HF_HUB_DISABLE_IMPLICIT_TOKEN"}) &&
             fs::is_regular_file(settings.token_file, unknown)) {
    settings.token = trimmed(read_file(settings.token_file));
    if (!settings.token.empty()) settings.token_origin = settings.token_file.string();
  }
  // It stands in a line of a request: another line in it would be one of the request's.
  const bool is_printable = std::all_of(settings.token.begin(), settings.token.end(),
                                        [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (!is_printable) {
    throw UsageError("the token of " + settings.token_origin +
                     " holds a space or a character that is not ASCII; give the token as the hub shows it, "
                     "hf_…");
  }
}

long seconds(const char* name, long otherwise) {
  const long given = std::strtol(variable({name}).c_str(), nullptr, 10);
  return given > 0 ? given : otherwise;
}

}  // namespace

HubSettings hub_settings() {
  HubSettings settings;
  const std::string endpoint = variable({"HF_ENDPOINT"});
  if (!endpoint.empty()) settings.endpoint = endpoint;
  while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
  if (!settings.endpoint.starts_with("https://") && !settings.endpoint.starts_with("http://")) {
    throw UsageError("HF_ENDPOINT: found '" + settings.endpoint + "', expected an address such as " +
                     HubSettings().endpoint);
  }
  const fs::path home = home_folder();
  const std::string cache = variable({"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"});
  settings.cache = cache.empty() ? home / "hub" : folder(cache);
  const std::string token_file = variable({"HF_TOKEN_PATH"});
  settings.token_file = token_file.empty() ? home / "token" : folder(token_file);
  read_token(settings);
  settings.offline = is_set({"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"});
  settings.connect_seconds = seconds("HF_HUB_ETAG_TIMEOUT", settings.connect_seconds);
  settings.silence_seconds = seconds("HF_HUB_DOWNLOAD_TIMEOUT", settings.silence_seconds);
  return settings;
}

}  // namespace peft::host
