// Runs of some methods on one base, each trained once for all tests of a program.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include "checkpoint/load.h"
#include "refusal.h"

namespace peft::test {

inline const std::string prompt = " --prompt 'Take me to Silver Bay' --max-new-tokens 12";

// A recipe of the small run with these methods in the place of its own; its path.
inline std::string recipe_of_methods(const std::string& name, const std::string& methods) {
  const std::string text = SmallRun::recipe_text();
  return small()
      .write(name + ".yaml",
             text.substr(0, text.find("  - lora")) + methods + text.substr(text.find("data:\n")))
      .string();
}

// Its folder.
inline std::string run_of_methods(const std::string& name, const std::string& methods,
                                  const std::string& more = "") {
  const std::filesystem::path folder = small().path(name);
  if (std::filesystem::exists(folder)) return folder.string();
  const Said said = SmallRun::host("run " + recipe_of_methods(name, methods) + " output=" + folder.string() +
                                   " train.steps=3 train.learning_rate=5e-2 evaluate.every=0 "
                                   "evaluate.metrics=[] evaluate.prompts=[] " +
                                   more);
  if (said.exit_code != 0) throw std::runtime_error(said.err);
  return folder.string();
}

inline const std::string lora_methods = "  - lora: {rank: 4, targets: [attn.qkv, mlp.out]}\n";

inline std::string lora_run() {
  return run_of_methods("lora", lora_methods);
}

// With virtual tokens, and parameters of the base's own.
inline std::string tokens_run() {
  return run_of_methods("tokens",
                        "  - prefix: {tokens: 3}\n  - full: {name: biases, targets: ['**.bias']}\n");
}

inline std::string other_base_run() {
  return run_of_methods("other", lora_methods, "seed=4");
}

inline std::string checkpoint_of(const std::string& run) {
  return host::read_latest(std::filesystem::path(run) / "checkpoints").path.string();
}

// What a verb that must go well prints.
inline std::string text(const std::string& words) {
  const Said said = SmallRun::host(words);
  INFO(words << "\n" << said.err);
  REQUIRE(said.exit_code == 0);
  return said.out;
}

// As check_refused; "unexpected: NAME" is what these say.
inline void check_named(const Said& said, const std::vector<std::string>& messages) {
  INFO(said.err);
  CHECK(said.exit_code == 1);
  CHECK(said.out.empty());
  for (const std::string& message : messages) CHECK_THAT(said.err, Catch::Matchers::Contains(message));
}

}  // namespace peft::test
