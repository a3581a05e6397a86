// Commands as a user may type them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace peft::host {

// As a POSIX shell reads it back: in quotes where it has to be.
std::string shell_quoted(std::string_view word);

// A path as short as it can be typed here: relative where it lies below the working directory.
std::string typed_path(const std::filesystem::path& path);

}  // namespace peft::host
