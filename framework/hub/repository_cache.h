// One repository in Hugging Face's cache, laid out as huggingface_hub lays it out:
//
//   <cache>/models--OWNER--NAME/blobs/<etag>                 the content, once
//                               blobs/<etag>.incomplete      what there is of it so far
//                               snapshots/<commit>/<path>    a relative link to the blob
//                               refs/<revision>              the commit a branch or tag last stood for
//                               trees/<commit>.json          which files a commit has
//   <cache>/.locks/models--OWNER--NAME/<etag>.lock           held (flock) by who fetches the blob
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hub/listing.h"
#include "hub/repository.h"

namespace peft::host {

class RepositoryCache {
 public:
  RepositoryCache(const std::filesystem::path& cache, const Repository& repository)
      : cache_(cache), folder_(cache / repository.folder()), name_(repository.folder()) {}

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path blob(const std::string& etag) const { return folder_ / "blobs" / etag; }
  std::filesystem::path incomplete(const std::string& etag) const {
    return folder_ / "blobs" / (etag + ".incomplete");
  }
  std::filesystem::path snapshot(const std::string& commit) const { return folder_ / "snapshots" / commit; }
  std::filesystem::path lock(const std::string& etag) const {
    return cache_ / ".locks" / name_ / (etag + ".lock");
  }

  // The commit that `revision` stood for when it was last asked for.
  std::optional<std::string> commit_of(const std::string& revision) const;
  std::optional<Listing> listing(const std::string& commit) const;
  // Both say nothing where they cannot write: others' caches may be read-only, and they only save a request.
  void keep_commit(const std::string& revision, const std::string& commit) const;
  void keep_listing(const std::string& commit, const Listing& listing) const;

  // What a snapshot holds, by path, without hashes. Dangling links are left out.
  std::vector<HubFile> files_in_snapshot(const std::string& commit) const;
  // Whether the file is in the snapshot, whole.
  bool has(const std::string& commit, const HubFile& file) const;
  // Puts a blob that is there into a snapshot, in place of what may stand there.
  void link(const std::string& commit, const HubFile& file) const;
  // The folders that a download writes to. Throws `peft::Error`.
  void create_folders_for_blobs() const;

 private:
  std::filesystem::path cache_;
  std::filesystem::path folder_;
  std::string name_;
};

}  // namespace peft::host
