#include "records/format.h"

#include <map>
#include <string>

namespace peft::host {
namespace {

std::string lower_case(std::string text) {
  for (char& byte : text) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return text;
}

}  // namespace

std::optional<FileKind> file_kind(const std::filesystem::path& file) {
  static const std::map<std::string, Format> formats = {
      {".jsonl", Format::jsonl}, {".json", Format::json}, {".csv", Format::csv},
      {".tsv", Format::tsv},     {".txt", Format::txt},   {".parquet", Format::parquet}};
  const std::filesystem::path name = lower_case(file.filename().string());
  const bool gzipped = name.extension() == ".gz";
  const auto found = formats.find((gzipped ? name.stem() : name).extension().string());
  if (found == formats.end() || (gzipped && found->second == Format::parquet)) return std::nullopt;
  return FileKind{found->second, gzipped};
}

}  // namespace peft::host
