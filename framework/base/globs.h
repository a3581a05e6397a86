// Globs of files; those of site names are the SDK's.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "peft/names.h"

namespace peft::host {

// Whether `pattern` holds a wildcard (`*` or `?`); without one it names a single file or site.
bool is_glob(std::string_view pattern);

using peft::matches_site;

// The files (not folders) that match, sorted, each once. `*` is any run of characters and `?` one character
// within one part of a path; a part that is `**` is any number of folders, also none. As in a shell,
// wildcards do not match a leading dot, and `**` does not follow symbolic links to folders. A relative
// pattern starts at `base`. Folders that are absent match nothing; those that cannot be read throw
// `peft::Error`.
std::vector<std::filesystem::path> find_files(const std::filesystem::path& pattern,
                                              const std::filesystem::path& base = ".");

// Whether a path matches by the same rules, no file system asked. Both relative, with `/` between parts.
bool matches_path(std::string_view pattern, std::string_view path);

}  // namespace peft::host
