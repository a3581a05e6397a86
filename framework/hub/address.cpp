#include "hub/address.h"

#include <algorithm>
#include <cstdlib>

#include "peft/error.h"

namespace peft::host {
namespace {

constexpr std::string_view scheme = "hub://";
constexpr std::string_view encoded_slash = "%2F";

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

[[noreturn]] void refuse(std::string_view text, const std::string& problem) {
  throw UsageError("'" + std::string(text) + "': " + problem +
                   "; expected hub://OWNER/NAME, hub://OWNER/NAME@REVISION or hub://OWNER/NAME/PATH");
}

// Letters, digits, `-`, `_` and `.`, not beginning with a dot or a dash: what the hub allows, and nothing
// that means something in a path or a URL.
bool is_repository_part(std::string_view part) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !part.empty() && part.front() != '.' && part.front() != '-' &&
         std::all_of(part.begin(), part.end(), allowed) && part.find("..") == std::string_view::npos &&
         part.find("--") == std::string_view::npos;  // stands for `/` in the names of a cache's folders
}

// Up to `end` and what follows it; the whole and nothing where there is none.
std::pair<std::string_view, std::string_view> split(std::string_view text, size_t end) {
  if (end == std::string_view::npos) return {text, {}};
  return {text.substr(0, end), text.substr(end + 1)};
}

// Where a revision ends: at the first `/`, or the third of refs/pr/1 and refs/convert/parquet.
size_t revision_end(std::string_view text) {
  const bool has_three_parts = text.starts_with("refs/pr/") || text.starts_with("refs/convert/");
  size_t end = text.find('/');
  for (int i = 0; has_three_parts && i < 2 && end != std::string_view::npos; ++i)
    end = text.find('/', end + 1);
  return end;
}

std::string replaced(std::string text, std::string_view part, std::string_view other) {
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + other.size()))
    text.replace(at, part.size(), other);
  return text;
}

}  // namespace

std::string HubAddress::text() const {
  std::string text = std::string(scheme) + repository();
  if (!revision.empty()) text += "@" + replaced(revision, "/", encoded_slash);
  if (!path.empty()) text += "/" + path;
  return text;
}

bool is_hub_address(std::string_view text) {
  return text.starts_with(scheme);
}

HubAddress parse_hub_address(std::string_view text) {
  const auto [owner, rest] = split(text.substr(scheme.size()), text.substr(scheme.size()).find('/'));
  if (rest.empty())
    refuse(text, owner.empty() ? "found no name" : "found '" + std::string(owner) + "' alone");
  HubAddress address;
  address.owner = owner;
  const size_t name_end = rest.find_first_of("@/");
  address.name = rest.substr(0, name_end);
  for (const std::string& part : {address.owner, address.name}) {
    if (!is_repository_part(part)) refuse(text, "'" + part + "' is no name of the hub's");
  }
  std::string_view behind = name_end == std::string_view::npos ? std::string_view() : rest.substr(name_end);
  if (behind.starts_with('@')) {
    const auto [revision, path] = split(behind.substr(1), revision_end(behind.substr(1)));
    address.revision = replaced(replaced(std::string(revision), encoded_slash, "/"), "%2f", "/");
    if (!is_safe_path(address.revision)) {
      refuse(text, "'" + std::string(revision) + "' is no name of a branch, a tag or a commit");
    }
    behind = path;
  } else if (!behind.empty()) {
    behind.remove_prefix(1);
  }
  while (behind.ends_with('/')) behind.remove_suffix(1);
  address.path = behind;
  if (!address.path.empty() && !is_safe_path(address.path)) {
    refuse(text, "'" + address.path + "' is no path in a repository");
  }
  return address;
}

bool is_commit(std::string_view revision) {
  return revision.size() == 40 && std::all_of(revision.begin(), revision.end(), is_hex);
}

bool is_safe_path(std::string_view path) {
  const auto is_bad = [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '\\'; };
  if (path.empty() || std::any_of(path.begin(), path.end(), is_bad)) return false;
  for (;;) {
    const size_t end = path.find('/');
    const std::string_view part = path.substr(0, end);
    if (part.empty() || part == "." || part == "..") return false;
    if (end == std::string_view::npos) return true;
    path.remove_prefix(end + 1);
  }
}

}  // namespace peft::host
