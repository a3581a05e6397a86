// The files of a repository at one commit, and the two forms of JSON they come in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/hub.h"
#include "peft/value.h"

namespace peft::host {

struct ListedFile {
  std::string path;
  int64_t size = 0;
  std::string blob_id;     // Git's, of the file or of the pointer that stands for a large one
  std::string lfs_sha256;  // of a large file's content; empty for others
  std::string xet_hash{};  // carried along for Hugging Face's own programs

  HubFile file() const { return {path, size, lfs_sha256.empty() ? blob_id : lfs_sha256}; }
};

using Listing = std::vector<ListedFile>;  // by path

// A page of the hub's answer: a list of {type, path, size, oid, lfs: {oid, size}}; folders are left out.
// Throws `peft::Error` where it is none, and for paths that would leave the folder they are put in.
Listing read_listing_page(const Value& page);

// The file that `huggingface_hub` keeps for a commit (trees/<commit>.json, format version 1). Nothing where
// it is of another version or damaged: then it is asked for again.
std::optional<Listing> read_kept_listing(std::string_view text);
std::string kept_listing(const Listing& listing);

}  // namespace peft::host
