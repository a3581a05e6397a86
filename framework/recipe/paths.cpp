#include "recipe/paths.h"

#include <system_error>

namespace peft::host {
namespace {

namespace fs = std::filesystem;

fs::path relative_to_place(std::string_view text, const RecipeLocation& where) {
  const fs::path path(text);
  return where.is_command_line() ? path : fs::path(where.file).parent_path() / path;
}

}  // namespace

std::string absolute_path(const fs::path& path) {
  const fs::path absolute = fs::absolute(path);
  const fs::path shorter = absolute.lexically_normal();
  std::error_code unknown;
  const bool same = fs::weakly_canonical(absolute, unknown) == fs::weakly_canonical(shorter, unknown);
  std::string text = (same && !unknown ? shorter : absolute).string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

std::string resolve_path(std::string_view text, const RecipeLocation& where) {
  return absolute_path(relative_to_place(text, where));
}

std::string path_hint(std::string_view text, const RecipeLocation& where) {
  const fs::path path(text);
  std::error_code unknown;
  if (where.is_command_line() || path.is_absolute() || !fs::exists(path, unknown)) return "";
  return "; paths in a recipe are relative to its file, so write '" +
         path.lexically_proximate(fs::path(where.file).parent_path()).string() + "'";
}

}  // namespace peft::host
