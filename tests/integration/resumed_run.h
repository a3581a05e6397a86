// What the tests of resumed runs share: one run that was never stopped, and copies of it to go on from.
#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "refusal.h"

namespace peft::test {

inline const std::vector<std::string> same;  // no differences

inline size_t lines_in(const std::filesystem::path& file, const std::string& with_text) {
  std::ifstream stream(file);
  size_t count = 0;
  for (std::string line; std::getline(stream, line);)
    count += line.find(with_text) != std::string::npos ? 1 : 0;
  return count;
}

inline size_t trained_steps(const std::filesystem::path& run) {
  return lines_in(run / "metrics.jsonl", "\"loss\"");
}

// A run that was never stopped, made once for all tests of a program.
inline std::filesystem::path uninterrupted() {
  static const std::filesystem::path folder = [] {
    const Said said = small().run("uninterrupted");
    if (said.exit_code != 0) throw std::runtime_error(said.err);
    return small().path("uninterrupted");
  }();
  return folder;
}

// Another folder with the same finished run in it.
inline std::filesystem::path copy_of_uninterrupted(const std::string& name) {
  std::filesystem::copy(uninterrupted(), small().path(name), std::filesystem::copy_options::recursive);
  return small().path(name);
}

// What `run` says with the copy as its output.
inline Said resume(const std::string& name, const std::string& more = "") {
  return small().run(name, "--resume " + more);
}

}  // namespace peft::test
