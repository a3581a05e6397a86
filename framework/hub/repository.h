// A repository, and the names it has in addresses, folders and messages.
#pragma once

#include <string>

#include "hub/hub.h"

namespace peft::host {

struct Repository {
  std::string id;  // "openai-community/gpt2-medium"
  bool is_dataset = false;

  static Repository of(const HubAddress& address, HubContent content) {
    return {address.repository(), content == HubContent::data};
  }

  std::string kind() const { return is_dataset ? "dataset" : "model"; }
  std::string described() const { return "the " + kind() + " " + id; }
  // Below the endpoint: of what programs ask, and of the page that people read and the files.
  std::string api() const { return "/api/" + kind() + "s/" + id; }
  std::string page() const { return (is_dataset ? "/datasets/" : "/") + id; }
  // "models--openai-community--gpt2-medium".
  std::string folder() const {
    std::string name = kind() + "s--" + id;
    return name.replace(name.find('/'), 1, "--");
  }
};

}  // namespace peft::host
