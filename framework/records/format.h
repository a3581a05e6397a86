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

// ".jsonl .json .csv .tsv .txt, each also .gz", for messages.
inline constexpr const char* supported_kinds = ".jsonl .json .csv .tsv .txt, each also .gz";

}  // namespace peft::host
