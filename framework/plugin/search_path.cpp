#include "plugin/search_path.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>

#include "peft/error.h"

namespace fs = std::filesystem;

namespace peft::host {
namespace {

void add_once(std::vector<fs::path>& paths, const fs::path& path) {
  if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
}

fs::path existing_folder(const fs::path& folder, const std::string& from) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw UsageError(from + ": found '" + folder.string() +
                     "', expected a folder with plugins; there is none of that name");
  }
  return fs::canonical(folder);
}

void add_environment(std::vector<fs::path>& folders, std::string_view list) {
  while (!list.empty()) {
    const size_t colon = std::min(list.find(':'), list.size());
    const fs::path folder = list.substr(0, colon);
    list.remove_prefix(std::min(colon + 1, list.size()));
    if (folder.empty())
      continue;  // in PATH an empty entry means the working directory; here it means nothing
    if (folder.is_relative()) {
      throw UsageError("PEFT_PLUGIN_PATH: found the relative folder '" + folder.string() +
                       "', expected absolute folders with ':' between them");
    }
    add_once(folders, existing_folder(folder, "PEFT_PLUGIN_PATH"));
  }
}

}  // namespace

std::vector<fs::path> plugin_folders(const PluginSearch& search) {
  std::vector<fs::path> folders;
  for (const fs::path& folder : search.folders) add_once(folders, existing_folder(folder, "--plugin-dir"));
  if (search.environment != nullptr) add_environment(folders, search.environment);
  const fs::path beside = search.program.parent_path();
  for (const fs::path& folder : {beside / "plugins", beside.parent_path() / "lib" / "peft" / "plugins"}) {
    std::error_code ignored;
    if (fs::is_directory(folder, ignored)) add_once(folders, fs::canonical(folder));
  }
  return folders;
}

std::vector<fs::path> find_plugins(const std::vector<fs::path>& folders) {
  std::vector<fs::path> found;
  for (const fs::path& folder : folders) {
    std::vector<fs::path> here;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".so" && entry.is_regular_file())
        here.push_back(fs::canonical(entry.path()));
    }
    std::sort(here.begin(), here.end());
    for (const fs::path& file : here) add_once(found, file);
  }
  return found;
}

}  // namespace peft::host
