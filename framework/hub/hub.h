// Repositories of the Hugging Face Hub as files on this machine.
//
// What is fetched lies in Hugging Face's own cache, laid out as its own programs lay it out, so that a file
// is fetched once whoever fetches it first (see repository_cache.h). README.md says which files of a
// repository are read and what happens where the network does not do what it should.
//
// This interface is free of libcurl: the program opens libpeft_hub.so only for a recipe with a hub://
// address.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "hub/address.h"

namespace peft::host {

enum class HubContent {
  model,      // config.json, weights in safetensors, the tokeniser
  tokenizer,  // the tokeniser's files alone
  data        // of a repository of data sets: the files that `HubAddress::path` means
};

// A file of a repository at one commit.
struct HubFile {
  std::string path;
  int64_t size = 0;
  // Its name in the cache, and its hash: SHA-256 of a large file's content (64 digits), else Git's SHA-1 of
  // the blob (40 digits). Empty where it is not known: of a file that is in the cache when nobody can be
  // asked.
  std::string etag;
};

// What an address means at the moment.
struct HubFiles {
  HubAddress address;  // its revision is the commit: the same files, always
  HubContent content = HubContent::model;
  std::string revision;  // as it was asked for: "main"
  std::vector<HubFile> files;
  std::vector<std::string> notes;  // what the user should know

  int64_t bytes() const;
};

// Bytes on their way.
struct HubProgress {
  std::string what;  // "openai-community/gpt2-medium"
  int64_t done = 0;
  int64_t total = 0;
  double bytes_per_second = 0.0;  // 0: not known
  double seconds_left = 0.0;
};

// Who watches. Calls come from the calling thread.
class HubObserver {
 public:
  virtual ~HubObserver() = default;
  virtual void note(const std::string& text) = 0;
  virtual void on_progress(const HubProgress& progress) = 0;  // now and then
  virtual bool interrupted() const = 0;                       // asked often
};

// Thrown where the observer was interrupted; what was fetched so far is kept, parts of files included.
struct HubInterrupted {};

class Hub {
 public:
  virtual ~Hub() = default;

  // Asks the hub which files `address` means, and reads none of them. Throws `peft::UsageError` where there
  // is no such repository, revision or file, or no right to it; `peft::Error` where the hub cannot be
  // reached or fails. Messages say nothing of where the address was written.
  virtual HubFiles find(const HubAddress& address, HubContent content) = 0;

  // Brings into the cache what is not there yet, checked by size and hash. Returns the folder of the
  // commit, in which all `files` stand under their own names. Throws as `find`.
  virtual std::filesystem::path fetch(const HubFiles& files) = 0;
};

// What libpeft_hub.so exports, under `hub_entry_point`. It reads the environment (see settings.h). The
// observer must outlive the hub.
using MakeHub = Hub* (*)(HubObserver& observer);
inline constexpr const char* hub_entry_point = "peft_make_hub";

}  // namespace peft::host
