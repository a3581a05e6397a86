// Where plugins are looked for: the folders of --plugin-dir, then PEFT_PLUGIN_PATH, then the folder that
// belongs to the program itself. Never the working directory: a plugin runs with all rights of the user, so
// where one stands must not decide which code is run.
#pragma once

#include <filesystem>
#include <vector>

namespace peft::host {

struct PluginSearch {
  std::vector<std::filesystem::path> folders{};  // of --plugin-dir, in the order given
  const char* environment = nullptr;  // PEFT_PLUGIN_PATH: absolute folders, `:` between them; null: not set
  std::filesystem::path program{};    // the program's own file: plugins/ beside it where it was built,
                                      // ../lib/peft/plugins where it is installed
};

// The folders as absolute paths, in order, each once. Throws `peft::UsageError` for a folder that was asked
// for and is not there, and for a relative one in the environment.
std::vector<std::filesystem::path> plugin_folders(const PluginSearch& search);

// The libraries (*.so, regular files) in `folders`, by their canonical paths: folder by folder, sorted within
// each, each file once though links may lead to it twice.
std::vector<std::filesystem::path> find_plugins(const std::vector<std::filesystem::path>& folders);

}  // namespace peft::host
