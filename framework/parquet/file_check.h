// Is a file Parquet at all? Its two ends tell, before a reader stumbles over what else it may be.
#pragma once

#include <filesystem>

namespace peft::host {

// Throws `peft::Error` for a file that cannot be read, is no Parquet file, is cut short, or is encrypted.
void check_parquet_ends(const std::filesystem::path& file);

}  // namespace peft::host
