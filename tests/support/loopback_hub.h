// A hub on this machine, for tests: see loopback_hub.py for how it is made to misbehave.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/json.h"
#include "support/process.h"
#include "support/small_run.h"

namespace peft::test {

struct HubRequestSeen {
  std::string server;  // "hub" or "storage"
  std::string path;
  int64_t status = 0;
  std::string range;          // empty where none was asked for
  std::string authorization;  // empty where none was sent
};

class LoopbackHub {
 public:
  LoopbackHub() : server_({PEFT_PYTHON, PEFT_LOOPBACK_HUB, root().string()}, folder_.path() / "server.log") {
    std::filesystem::create_directories(home());
    if (!server_.wait_until([&] { return std::filesystem::exists(root() / "address"); }))
      throw std::runtime_error("the loopback hub does not start: " +
                               content_of_file(folder_.path() / "server.log"));
    std::ifstream(root() / "address") >> endpoint_ >> storage_;
  }

  std::filesystem::path root() const { return folder_.path(); }
  // HF_HOME.
  std::filesystem::path home() const { return folder_.path() / "home"; }
  const std::string& endpoint() const { return endpoint_; }
  const std::string& storage() const { return storage_; }

  // A file of a repository's main branch: "models/maker/tiny", "config.json".
  void add(const std::string& repository, const std::string& path, const std::string& content) const {
    const std::filesystem::path file = root() / repository / "main" / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
  }

  // The demo's model and its conversations.
  void add_demo() const {
    for (const std::string name : {"config.json", "vocab.json", "merges.txt", "tokenizer_config.json"})
      add("models/maker/tiny", name, content_of_file(std::filesystem::path(PEFT_DEMO "/model") / name));
    add("models/maker/tiny", "model.safetensors", content_of_file(PEFT_DEMO "/model/model.safetensors"));
    add("models/maker/tiny", "pytorch_model.bin", "the same in another form");
    add("models/maker/tiny", "README.md", "# A model\n");
    std::ifstream conversations(PEFT_DEMO "/conversations.jsonl");
    std::string few;
    std::string line;
    for (int i = 0; i < 150 && std::getline(conversations, line); ++i) few += line + "\n";
    add("datasets/maker/chats", "data/train-00000-of-00001.jsonl", few);
    add("datasets/maker/chats", "data/test-00000-of-00001.jsonl", few.substr(0, few.find('\n') + 1));
    add("datasets/maker/chats", "README.md", "# Conversations\n");
  }

  void behave(const std::string& json) const {
    std::ofstream(root() / "behaviour.new") << json;
    std::filesystem::rename(root() / "behaviour.new", root() / "behaviour.json");
  }

  std::vector<HubRequestSeen> seen() const {
    std::vector<HubRequestSeen> requests;
    std::ifstream log(root() / "log");
    for (std::string line; std::getline(log, line);) {
      const Value request = host::parse_json(line);
      const auto text = [&](const char* key) {
        return request.at(key).is_null() ? std::string() : request.at(key).as_text();
      };
      requests.push_back({text("server"), text("path"), request.at("status").as_integer(), text("range"),
                          text("authorization")});
    }
    return requests;
  }
  // Requests whose path holds `part`.
  std::vector<HubRequestSeen> seen(const std::string& part) const {
    std::vector<HubRequestSeen> requests;
    for (HubRequestSeen& request : seen()) {
      if (request.path.find(part) != std::string::npos) requests.push_back(std::move(request));
    }
    return requests;
  }
  void forget() const { std::filesystem::remove(root() / "log"); }

  // What stands in front of a command: this hub, and a cache of its own.
  std::string environment() const {
    return "env -u HF_TOKEN -u HF_HUB_OFFLINE -u TRANSFORMERS_OFFLINE -u HF_HUB_CACHE HF_ENDPOINT=" +
           endpoint_ + " HF_HOME=" + home().string() + " ";
  }
  std::filesystem::path cached(const std::string& repository) const { return home() / "hub" / repository; }

 private:
  TemporaryFolder folder_;
  Process server_;
  std::string endpoint_;
  std::string storage_;
};

}  // namespace peft::test
