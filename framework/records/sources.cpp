#include "records/sources.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/globs.h"
#include "base/suggest.h"
#include "peft/error.h"
#include "records/format.h"
#include "records/parquet.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

void check_supported(const fs::path& file, const FileKind& kind) {
  if (kind.format == Format::parquet && !parquet_supported()) throw UsageError(parquet_refusal(file));
}

// Of what a folder or a glob holds, the files that can be read.
std::vector<fs::path> supported(const std::vector<fs::path>& files, const std::string& looked_in) {
  std::vector<fs::path> kept;
  for (const fs::path& file : files) {
    const auto kind = file_kind(file);
    if (!kind) continue;
    check_supported(file, *kind);
    kept.push_back(file);
  }
  if (kept.empty()) {
    throw UsageError(looked_in + (files.empty() ? " holds no file" : " holds no data file") +
                     "; looked for " + supported_kinds);
  }
  return kept;
}

std::vector<fs::path> single(const fs::path& file) {
  const auto kind = file_kind(file);
  if (!kind)
    throw UsageError(file.string() + " is not a kind of data file that can be read: " + supported_kinds);
  check_supported(file, *kind);
  return {file};
}

[[noreturn]] void refuse_absent(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
  std::error_code problem;
  if (!fs::is_directory(folder, problem)) {
    throw UsageError("no such file or folder: " + path.string() + "; the folder " + folder.string() +
                     " does not exist");
  }
  std::vector<std::string> neighbours;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    neighbours.push_back(entry.path().filename().string());
  }
  std::sort(neighbours.begin(), neighbours.end());
  throw UsageError("no such file or folder: " + path.string() +
                   did_you_mean(path.filename().string(), neighbours));
}

std::vector<fs::path> find_one(const Value& source, const fs::path& base) {
  if (!source.is_text() || source.as_text().empty()) {
    throw UsageError("a data source is the path of a file, a folder or a glob, or a list of these; found " +
                     std::string(source.is_text() ? "an empty text" : type_name(source.type())));
  }
  const std::string& text = source.as_text();
  if (text.find("://") != std::string::npos) {
    throw UsageError("'" + text + "' is an address, and only files on this machine can be read; give a path");
  }
  const fs::path path = (base / text).lexically_normal();
  // What exists under this very name is meant, wildcards in it or not.
  std::error_code absent;
  if (fs::is_directory(path, absent)) return supported(find_files("*", path), "the folder " + path.string());
  if (fs::exists(path, absent)) return single(path);
  if (!is_glob(text)) refuse_absent(path);
  return supported(find_files(text, base), "the pattern " + path.string());
}

}  // namespace

std::vector<fs::path> find_sources(const Value& source, const fs::path& base) {
  if (!source.is_list()) return find_one(source, base);
  std::vector<fs::path> files;
  std::set<fs::path> seen;
  for (const Value& item : source.as_list()) {
    for (const fs::path& file : find_one(item, base)) {
      if (seen.insert(file).second) files.push_back(file);
    }
  }
  if (files.empty())
    throw UsageError("the list of data sources is empty; name at least one file, folder or glob");
  return files;
}

}  // namespace peft::host
