// Names in a folder of checkpoints: `step-000200.h5`, and `LATEST`, which says which of them is in force.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peft::host {

inline constexpr std::string_view latest_name = "LATEST";
// Ends the name of a file that is being written. One that is left over is of no use to anyone.
inline constexpr std::string_view unfinished_suffix = ".tmp";

// "step-000200.h5".
std::string checkpoint_name(int64_t step);
// The step in such a name; nothing where it is another name.
std::optional<int64_t> step_of_name(std::string_view name);

// Steps of the checkpoints in the folder, by their names, newest first. Empty where there is no such folder.
std::vector<int64_t> steps_in(const std::filesystem::path& folder);

// Files that a commit left unfinished when it was killed.
std::vector<std::filesystem::path> unfinished_files(const std::filesystem::path& folder);

// What `LATEST` says.
struct Latest {
  std::string name;  // "step-000200.h5"
  uint64_t bytes = 0;
  std::string sha256;  // of the whole file

  int64_t step() const { return *step_of_name(name); }
};

std::string latest_text(const Latest& latest);
// Throws `peft::Error`, naming the file, where it is missing, unreadable or does not name a checkpoint.
Latest read_latest_file(const std::filesystem::path& folder);

}  // namespace peft::host
