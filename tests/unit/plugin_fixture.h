// The plugins that were built for the tests, good ones and bad ones.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace peft::test {

inline const std::filesystem::path built = std::filesystem::weakly_canonical(PEFT_TEST_PLUGINS);

inline std::filesystem::path bad(const std::string& name) {
  return built / "bad" / (name + ".so");
}

inline void write(const std::filesystem::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

}  // namespace peft::test
