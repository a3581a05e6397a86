// The program with an engine behind it that computes nothing, laid out as an installation.
#pragma once

#include <filesystem>
#include <string>

#include "support/program.h"

namespace peft::test {

// A recipe that the real plugins accept, beside what it needs.
class Installed {
 public:
  Installed() {
    folder_.write("texts.jsonl", "{\"text\": \"one\"}\n");
    folder_.write("recipe.yaml",
                  "model: {family: gpt2, weights: model}\n"
                  "methods: [lora]\n"
                  "data: {dataset: text, source: texts.jsonl}\n"
                  "task: causal_lm\n"
                  "evaluate: {metrics: [perplexity], generation: {max_new_tokens: 7, temperature: 0.5}}\n"
                  "output: /nowhere/at/all\n");
    std::filesystem::create_directory(folder_.path() / "model");
    folder_.write("model/config.json", "{}");
    folder_.write("model/tokenizer.json", "{}");
  }

  void write(const std::string& name, const std::string& text) const { folder_.write(name, text); }
  std::string folder() const { return folder_.path().string(); }
  std::string recipe() const { return folder() + "/recipe.yaml"; }

  Said operator()(const std::string& words, const std::string& behaviour = "") const {
    return say("FAKE_ENGINE='" + behaviour + "' PEFT_PLUGIN_PATH=" PEFT_PLUGINS " " PEFT_INSTALLED_HOST " " +
               words);
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace peft::test
