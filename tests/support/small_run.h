// A run that takes a second: a tiny GPT-2 with random weights on a few of the demo's conversations, in a
// folder of its own. With everything in it that a resumed run could get wrong: dropout, a projection, virtual
// tokens, accumulation, held-out examples, evaluations on the way.
#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/program.h"

namespace peft::test {

inline std::string content_of_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

// `text` with `part`, which must stand in it, replaced.
inline std::string with(std::string text, const std::string& part, const std::string& other) {
  const size_t begin = text.find(part);
  if (begin == std::string::npos) throw std::runtime_error("'" + part + "' is not in the text");
  return text.replace(begin, part.size(), other);
}

// Every file below a folder, with its content.
inline std::map<std::string, std::string> contents_below(const std::filesystem::path& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) contents[entry.path().string()] = content_of_file(entry.path());
  }
  return contents;
}

class SmallRun {
 public:
  static constexpr int steps = 12;

  SmallRun() {
    folder_.write("recipe.yaml", recipe_text());
    std::ifstream conversations(PEFT_DEMO "/conversations.jsonl");
    std::string few;
    std::string line;
    for (int i = 0; i < 150 && std::getline(conversations, line); ++i) few += line + "\n";
    folder_.write("chats.jsonl", few);
  }

  static std::string recipe_text() {
    return "name: small\n"
           "seed: 3\n"
           "model:\n"
           "  family: gpt2\n"
           "  weights: random\n"
           "  config: {vocab_size: 8192, n_positions: 128, n_embd: 32, n_layer: 2, n_head: 2}\n"
           "  tokenizer: " PEFT_DEMO
           "/model\n"
           "methods:\n"
           "  - lora: {rank: 4, alpha: 8, dropout: 0.1, targets: [attn.qkv]}\n"
           "  - prefix: {tokens: 3, projection: true}\n"
           "  - prompt: {tokens: 2}\n"
           "data:\n"
           "  dataset: openassistant\n"
           "  source: chats.jsonl\n"
           "  max_length: 96\n"
           "  validation: 0.2\n"
           "task: causal_lm\n"
           "train: {steps: 12, batch_size: 3, accumulate: 2, learning_rate: 1e-2, checkpoint_every: 4, keep: "
           "2, tokens_per_microbatch: 150, recompute: blocks}\n"
           "evaluate:\n"
           "  metrics: [perplexity]\n"
           "  examples: 8\n"
           "  every: 3\n"
           "  prompts: [Take me to Silver Bay]\n"
           "  generation: {max_new_tokens: 4}\n"
           "output: unset\n";
  }

  std::filesystem::path folder() const { return folder_.path(); }
  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
  std::string recipe() const { return path("recipe.yaml").string(); }
  std::filesystem::path write(const std::string& name, const std::string& content) const {
    return folder_.write(name, content);
  }

  // The words of `peft-host run` into a folder of this one.
  std::vector<std::string> run_words(const std::string& output,
                                     const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {PEFT_HOST, "run", recipe(), "output=" + path(output).string()};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  Said run(const std::string& output, const std::string& more = "") const {
    return host("run " + recipe() + " output=" + path(output).string() + " " + more);
  }

  static Said host(const std::string& words) { return say(PEFT_HOST " " + words); }

 private:
  TemporaryFolder folder_;
};

}  // namespace peft::test
