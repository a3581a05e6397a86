// A run whose model and data are on a hub of this machine.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "refusal.h"
#include "support/loopback_hub.h"

namespace peft::test {

// Each test has a hub and a cache of its own.
class HubRun {
 public:
  HubRun() {
    hub.add_demo();
    recipe = write(recipe_text());
  }

  static std::string recipe_text() {
    return "name: hub\n"
           "model:\n"
           "  family: gpt2\n"
           "  weights: hub://maker/tiny\n"
           "methods:\n"
           "  - lora: {rank: 2}\n"
           "data:\n"
           "  dataset: openassistant\n"
           "  source: hub://maker/chats\n"
           "  max_length: 64\n"
           "  validation: 0\n"
           "task: causal_lm\n"
           "train: {steps: 2, batch_size: 2}\n"
           "output: unset\n";
  }
  std::string write(const std::string& text) const { return folder.write("recipe.yaml", text).string(); }

  // `peft-host VERB RECIPE output=… MORE`, with variables in front.
  std::string command(const std::string& verb, const std::string& more = "",
                      const std::string& variables = "") const {
    return hub.environment() + variables + " " + PEFT_HOST " " + verb + " " + recipe +
           " output=" + output().string() + " " + more;
  }
  Said host(const std::string& verb, const std::string& more = "", const std::string& variables = "") const {
    return say(command(verb, more, variables));
  }

  std::filesystem::path output() const { return folder.path() / "run"; }
  std::filesystem::path model() const { return hub.cached("models--maker--tiny"); }
  std::filesystem::path data() const { return hub.cached("datasets--maker--chats"); }
  // The one snapshot of a repository.
  static std::filesystem::path snapshot(const std::filesystem::path& repository) {
    return std::filesystem::directory_iterator(repository / "snapshots")->path();
  }
  // `PLACE: error: …` at the recipe's line and column.
  std::string error_at(const std::string& place, const std::string& message) const {
    return recipe + ":" + place + ": error: " + message;
  }

  LoopbackHub hub;
  TemporaryFolder folder;
  std::string recipe;
};

// The parts of blobs that a cache has.
inline std::vector<std::filesystem::path> incomplete_blobs(const std::filesystem::path& repository) {
  std::vector<std::filesystem::path> parts;
  for (const auto& entry : std::filesystem::directory_iterator(repository / "blobs")) {
    if (entry.path().extension() == ".incomplete") parts.push_back(entry.path());
  }
  return parts;
}

}  // namespace peft::test
