// What Hugging Face's own programs read from the environment, read in the same way.
#pragma once

#include <filesystem>
#include <string>

namespace peft::host {

struct HubSettings {
  // HF_ENDPOINT, without a slash at its end.
  std::string endpoint = "https://huggingface.co";
  // HF_HUB_CACHE, else HF_HOME/hub; HF_HOME is ~/.cache/huggingface unless given.
  std::filesystem::path cache;
  // HF_TOKEN, else the content of HF_TOKEN_PATH or HF_HOME/token. Never printed.
  std::string token;
  std::string token_origin;          // "HF_TOKEN", or the file's path; empty without a token
  std::filesystem::path token_file;  // where a token would be looked for
  bool offline = false;              // HF_HUB_OFFLINE
  long connect_seconds = 10;         // HF_HUB_ETAG_TIMEOUT
  long silence_seconds = 10;  // HF_HUB_DOWNLOAD_TIMEOUT: so long without a byte, and a connection is cut
};

// Throws `peft::UsageError` for an endpoint that is no http address, and for a token that cannot be one.
HubSettings hub_settings();

}  // namespace peft::host
