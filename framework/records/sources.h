// Which files a recipe's `data.source` means.
#pragma once

#include <filesystem>
#include <vector>

#include "peft/value.h"

namespace peft::host {

// `source` is a file, a folder, a glob (see base/globs.h) or a list of these; relative ones start at `base`.
// A folder means every file of a supported kind that lies directly in it; so does a glob, of the files that
// it matches. Within a folder or glob the files are sorted; a list keeps its order; a file named twice is
// read once. Throws `peft::UsageError` saying what was looked for where nothing is found, for a file of an
// unsupported kind, and for Parquet where the program was built without it.
std::vector<std::filesystem::path> find_sources(const Value& source, const std::filesystem::path& base = ".");

}  // namespace peft::host
