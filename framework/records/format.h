// The kinds of data files, told by their extensions.
#pragma once

#include <filesystem>
#include <optional>

namespace peft::host {

enum class Format { jsonl, json, csv, tsv, txt, parquet };

struct FileKind {
  Format format;
  bool gzipped;
};

// Nothing for any other extension.
std::optional<FileKind> file_kind(const std::filesystem::path& file);

// For messages.
inline constexpr const char* supported_kinds = ".jsonl .json .csv .tsv .txt, each also .gz, and .parquet";

}  // namespace peft::host
