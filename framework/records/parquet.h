// Parquet files are read by a library of its own, opened at the first of them: nothing else needs Arrow.
#pragma once

#include <filesystem>
#include <memory>

#include "records/records.h"

namespace peft::host {

// Was the program built with Arrow?
bool parquet_supported();

// What to say of `file` where it was not.
std::string parquet_refusal(const std::filesystem::path& file);

// Opens the library, which is never closed, and the file. Throws `peft::UsageError` where the program was
// built without it, `peft::Error` where the library cannot be opened or the file is damaged.
std::unique_ptr<RecordReader> make_parquet_reader(const std::filesystem::path& file,
                                                  const ReadOptions& options);

// The library's own file: what rows are made of a Parquet file depends on it. Throws as above.
std::filesystem::path parquet_library_file();

// What the library exports; its reader belongs to the caller.
inline constexpr const char* parquet_entry_point = "peft_open_parquet";
using OpenParquet = RecordReader* (*)(const std::filesystem::path& file, const ReadOptions& options);

}  // namespace peft::host
