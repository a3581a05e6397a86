#include "checkpoint/commit.h"

#include <span>
#include <string_view>
#include <system_error>

#include "base/sha256.h"
#include "checkpoint/folder.h"
#include "checkpoint/hdf5_reader.h"
#include "checkpoint/hdf5_writer.h"
#include "checkpoint/seal.h"
#include "peft/error.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

// A file under its unfinished name; removed again unless it was moved into place.
class UnfinishedFile {
 public:
  UnfinishedFile(FileOperations& operations, fs::path target)
      : operations_(operations),
        target_(std::move(target)),
        path_(target_.string() + std::string(unfinished_suffix)),
        file_(operations.create(path_)) {}
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  ~UnfinishedFile() {
    if (finished_) return;
    std::error_code ignored;  // an error is on its way already, and the next commit removes what is left
    fs::remove(path_, ignored);
  }

  const fs::path& path() const { return path_; }
  const OpenFile& file() const { return file_; }

  // When this returns, the disk has the file under its own name.
  void finish() {
    operations_.sync(file_);
    operations_.rename(path_, target_);
    finished_ = true;
    operations_.sync_folder(target_.parent_path());
  }

 private:
  FileOperations& operations_;
  fs::path target_;
  fs::path path_;
  OpenFile file_;
  bool finished_ = false;
};

void prepare_folder(const fs::path& folder, FileOperations& operations) {
  std::error_code failure;
  const bool created = fs::create_directories(folder, failure);
  if (failure) throw Error("cannot create folder " + folder.string() + ": " + failure.message());
  if (created) operations.sync_folder(fs::absolute(folder).lexically_normal().parent_path());
  for (const fs::path& file : unfinished_files(folder)) operations.remove(file);
}

// What a reader will find must be what was asked to be written.
void verify(const fs::path& path, const Seal& seal, const Manifest& manifest) {
  if (read_seal(path) != seal) throw Error("the seal reads back differently");
  const Hdf5Content content = read_hdf5(path, [](const TensorView&) {});
  if (manifest_text(content.manifest) != manifest_text(manifest))
    throw Error("the manifest reads back differently");
}

void write_and_verify(const UnfinishedFile& target, const Checkpoint& checkpoint,
                      FileOperations& operations) {
  const Manifest manifest = manifest_of(checkpoint);
  write_hdf5(operations, target.file(), seal_bytes, checkpoint, manifest);
  const Seal seal = seal_for(target.path());
  write_seal(operations, target.file(), seal);
  verify(target.path(), seal, manifest);
}

void write_latest(const fs::path& folder, const Latest& latest, FileOperations& operations) {
  UnfinishedFile target(operations, folder / latest_name);
  const std::string text = latest_text(latest);
  operations.write(target.file(), 0, std::as_bytes(std::span(text)));
  target.finish();
}

std::vector<std::string> remove_old(const fs::path& folder, int64_t current, int64_t keep,
                                    FileOperations& operations) {
  std::vector<std::string> warnings;
  int64_t seen = 0;
  for (const int64_t step : steps_in(folder)) {
    if (step > current || keep <= 0 || ++seen <= keep) continue;
    try {
      operations.remove(folder / checkpoint_name(step));
    } catch (const Error& error) {
      warnings.push_back("an old checkpoint stays: " + std::string(error.what()));
    }
  }
  return warnings;
}

Committed commit(const fs::path& folder, const Checkpoint& checkpoint, int64_t keep,
                 FileOperations& operations) {
  prepare_folder(folder, operations);
  const Latest latest = [&] {
    const std::string name = checkpoint_name(checkpoint.step);
    UnfinishedFile target(operations, folder / name);
    write_and_verify(target, checkpoint, operations);
    Latest described{name, fs::file_size(target.path()), sha256_of_file(target.path())};
    target.finish();
    return described;
  }();
  write_latest(folder, latest, operations);
  return {folder / latest.name, latest.bytes, latest.sha256,
          remove_old(folder, checkpoint.step, keep, operations)};
}

}  // namespace

Committed write_checkpoint(const fs::path& folder, const Checkpoint& checkpoint, int64_t keep) {
  FileOperations operations;
  return write_checkpoint(folder, checkpoint, keep, operations);
}

Committed write_checkpoint(const fs::path& folder, const Checkpoint& checkpoint, int64_t keep,
                           FileOperations& operations) {
  require_storable(checkpoint);
  try {
    return commit(folder, checkpoint, keep, operations);
  } catch (const Error& error) {
    throw Error("could not save the checkpoint of step " + std::to_string(checkpoint.step) + " in " +
                folder.string() + ": " + error.what() + "; the checkpoint before it is as it was");
  }
}

}  // namespace peft::host
