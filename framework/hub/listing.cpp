#include "hub/listing.h"

#include <algorithm>

#include "base/json.h"
#include "peft/error.h"

namespace peft::host {
namespace {

constexpr int64_t format_version = 1;

std::string text_or_empty(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value != nullptr && value->is_text() ? value->as_text() : "";
}

bool is_hash(const std::string& text, size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// What is in a listing becomes names of files of ours.
void check(const ListedFile& file) {
  if (!is_safe_path(file.path)) {
    throw Error("the repository lists a file named '" + file.path +
                "', which would be put outside its folder: nothing of it is fetched");
  }
  const bool has_hash =
      is_hash(file.blob_id, 40) && (file.lfs_sha256.empty() || is_hash(file.lfs_sha256, 64));
  if (!has_hash || file.size < 0)
    throw Error("the repository lists '" + file.path + "' without size and hash");
}

void sort(Listing& listing) {
  std::sort(listing.begin(), listing.end(),
            [](const ListedFile& a, const ListedFile& b) { return a.path < b.path; });
}

Listing read_kept(const Value& kept) {
  Listing listing;
  for (const auto& [path, entry] : kept.at("files").as_map()) {
    ListedFile file{path, entry.at("size").as_integer(), entry.at("blob_id").as_text(),
                    text_or_empty(entry, "lfs_sha256"), text_or_empty(entry, "xet_hash")};
    check(file);
    listing.push_back(std::move(file));
  }
  sort(listing);
  return listing;
}

}  // namespace

Listing read_listing_page(const Value& page) {
  Listing listing;
  for (const Value& entry : page.as_list()) {
    if (entry.at("type").as_text() != "file") continue;
    ListedFile file{entry.at("path").as_text(),
                    entry.at("size").as_integer(),
                    entry.at("oid").as_text(),
                    {},
                    text_or_empty(entry, "xetHash")};
    const Value* lfs = entry.find("lfs");
    if (lfs != nullptr && lfs->is_map()) {
      file.lfs_sha256 = lfs->at("oid").as_text();
      file.size = lfs->at("size").as_integer();
    }
    check(file);
    listing.push_back(std::move(file));
  }
  sort(listing);
  return listing;
}

std::optional<Listing> read_kept_listing(std::string_view text) {
  try {
    const Value kept = parse_json(text);
    if (kept.at("format_version") != Value(format_version)) return std::nullopt;
    return read_kept(kept);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string kept_listing(const Listing& listing) {
  Value::Map files;
  for (const ListedFile& file : listing) {
    Value entry;
    entry.set("size", file.size);
    entry.set("blob_id", file.blob_id);
    if (!file.lfs_sha256.empty()) {
      entry.set("lfs_sha256", file.lfs_sha256);
      entry.set("lfs_size", file.size);
    }
    if (!file.xet_hash.empty()) entry.set("xet_hash", file.xet_hash);
    files.emplace_back(file.path, std::move(entry));
  }
  Value kept;
  kept.set("format_version", format_version);
  kept.set("files", std::move(files));
  return dump_json(kept, 1) + "\n";
}

}  // namespace peft::host
