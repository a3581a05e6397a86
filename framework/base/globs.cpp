#include "base/globs.h"

#include <algorithm>
#include <string>

#include "peft/error.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

// One part of a path. Greedy, with one place to go back to: no pattern takes more than O(pattern × name).
bool matches_part(std::string_view pattern, std::string_view name) {
  size_t p = 0;
  size_t n = 0;
  size_t star = std::string_view::npos;
  size_t star_end = 0;  // where the last star's run ends
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_end = n;
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      do ++n;  // one character may be several bytes
      while (n < name.size() && is_continuation(name[n]));
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_end;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::vector<fs::directory_entry> entries(const fs::path& folder) {
  std::error_code problem;
  std::vector<fs::directory_entry> found;
  fs::directory_iterator at(folder, problem);
  if (problem == std::errc::no_such_file_or_directory || problem == std::errc::not_a_directory) return found;
  for (; !problem && at != fs::directory_iterator(); at.increment(problem)) found.push_back(*at);
  if (problem) throw Error("cannot read the folder " + folder.string() + ": " + problem.message());
  return found;
}

bool is_hidden(const std::string& name) {
  return name.starts_with('.');
}

using Parts = std::vector<std::string>;

void find_below(const fs::path& folder, const Parts& parts, size_t next, std::vector<fs::path>& found);

// `parts[next]` has been matched by `path`.
void descend(const fs::path& path, const Parts& parts, size_t next, std::vector<fs::path>& found) {
  std::error_code absent;
  if (next + 1 < parts.size()) {
    find_below(path, parts, next + 1, found);
  } else if (fs::is_regular_file(path, absent)) {
    found.push_back(path);
  }
}

void find_below(const fs::path& folder, const Parts& parts, size_t next, std::vector<fs::path>& found) {
  const std::string& part = parts[next];
  if (!is_glob(part)) return descend(folder / part, parts, next, found);
  const bool any_depth = part == "**";
  if (any_depth && next + 1 < parts.size()) find_below(folder, parts, next + 1, found);
  for (const fs::directory_entry& entry : entries(folder)) {
    const std::string name = entry.path().filename().string();
    if (is_hidden(name) && !is_hidden(part)) continue;
    std::error_code absent;
    if (any_depth && entry.is_directory(absent) && !entry.is_symlink(absent)) {
      find_below(entry.path(), parts, next, found);
    } else if (any_depth ? next + 1 == parts.size() : matches_part(part, name)) {
      descend(entry.path(), parts, next, found);
    }
  }
}

std::string_view first_part(std::string_view path) {
  return path.substr(0, path.find('/'));
}

// What follows the first part; empty after the last.
std::string_view below_first(std::string_view path) {
  const size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
}

}  // namespace

bool matches_path(std::string_view pattern, std::string_view path) {
  if (pattern.empty() || path.empty()) return pattern.empty() && path.empty();
  const std::string_view part = first_part(pattern);
  const std::string_view name = first_part(path);
  const bool is_last = below_first(path).empty();
  if (part == "**") {
    const std::string_view rest = below_first(pattern);
    if (is_last && rest.empty()) return name.front() != '.';
    if (!rest.empty() && matches_path(rest, path)) return true;
    return !is_last && name.front() != '.' && matches_path(pattern, below_first(path));
  }
  if (name.front() == '.' && part.front() != '.') return false;
  return matches_part(part, name) && matches_path(below_first(pattern), below_first(path));
}

bool is_glob(std::string_view pattern) {
  return pattern.find_first_of("*?") != std::string_view::npos;
}

std::vector<fs::path> find_files(const fs::path& pattern, const fs::path& base) {
  // Only what the pattern itself says is a pattern: a base folder may have a star in its name.
  const fs::path wild = pattern.lexically_normal().relative_path();
  const fs::path start = pattern.is_absolute() ? pattern.root_path() : base;
  Parts parts;
  for (const fs::path& part : wild) parts.push_back(part.string());
  std::vector<fs::path> found;
  if (!parts.empty() && !parts.back().empty()) find_below(start, parts, 0, found);
  for (fs::path& path : found) path = path.lexically_normal();
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace peft::host
