#include "checkpoint/load.h"

#include <algorithm>
#include <optional>

#include "base/sha256.h"
#include "checkpoint/folder.h"
#include "checkpoint/hdf5_reader.h"
#include "checkpoint/seal.h"
#include "peft/error.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

Checkpoint load(const fs::path& path) {
  Checkpoint checkpoint;
  Hdf5Content content =
      read_hdf5(path, [&](TensorView tensor) { checkpoint.tensors.push_back(std::move(tensor)); });
  checkpoint.step = content.manifest.step;
  checkpoint.metadata = std::move(content.metadata);
  return checkpoint;
}

template <class Read>
auto read_intact(const fs::path& path, const Read& read) {
  if (!fs::exists(path)) throw Error(path.string() + " does not exist; expected a checkpoint");
  try {
    require_intact(path);
    return read(path);
  } catch (const Error& error) {
    throw Error(path.string() + " cannot be used: " + error.what());
  }
}

bool matches(const fs::path& path, const Latest& latest) {
  return fs::exists(path) && fs::file_size(path) == latest.bytes && sha256_of_file(path) == latest.sha256;
}

Checkpoint require_step(Checkpoint checkpoint, int64_t step) {
  if (checkpoint.step != step) throw Error("it holds step " + std::to_string(checkpoint.step));
  return checkpoint;
}

// Before `step` newest first, then after it newest first.
void put_earlier_steps_first(std::vector<int64_t>& steps, int64_t step) {
  std::stable_partition(steps.begin(), steps.end(), [=](int64_t candidate) { return candidate <= step; });
}

class Search {
 public:
  explicit Search(fs::path folder) : folder_(std::move(folder)), steps_(steps_in(folder_)) {}

  LoadedCheckpoint run() {
    if (steps_.empty()) {
      throw Error("no checkpoint in " + folder_.string() + "; expected files such as " +
                  checkpoint_name(200));
    }
    if (const std::optional<Latest> latest = pointer()) {
      if (auto checkpoint = named_by(*latest)) return finish(std::move(*checkpoint), latest->step());
      put_earlier_steps_first(steps_, latest->step());
    }
    for (const int64_t step : steps_) {
      if (auto checkpoint = attempt(step)) return finish(std::move(*checkpoint), step);
    }
    std::string message = "no checkpoint in " + folder_.string() + " can be used:";
    for (const std::string& warning : warnings_) message += "\n  " + warning;
    throw Error(message);
  }

 private:
  std::optional<Latest> pointer() {
    try {
      return read_latest_file(folder_);
    } catch (const Error& error) {
      warnings_.emplace_back(error.what());
      return std::nullopt;
    }
  }

  // A file that is the one LATEST describes needs no look at its seal's SHA-256.
  std::optional<Checkpoint> named_by(const Latest& latest) {
    const fs::path path = folder_ / latest.name;
    try {
      if (matches(path, latest)) {
        read_seal(path);
        return require_step(load(path), latest.step());
      }
      warnings_.push_back(path.string() + (fs::exists(path) ? " is not" : " is missing; expected") +
                          " the file of " + std::to_string(latest.bytes) + " bytes, SHA-256 " +
                          latest.sha256 + ", that LATEST describes");
    } catch (const std::exception&) {
      // `attempt` comes upon it again and says what it is.
    }
    return std::nullopt;
  }

  std::optional<Checkpoint> attempt(int64_t step) {
    const fs::path path = folder_ / checkpoint_name(step);
    try {
      return require_step(read_checkpoint(path), step);
    } catch (const std::exception& error) {
      warnings_.emplace_back(error.what());
      return std::nullopt;
    }
  }

  LoadedCheckpoint finish(Checkpoint checkpoint, int64_t step) {
    fs::path path = folder_ / checkpoint_name(step);
    if (!warnings_.empty()) warnings_.push_back("going on from " + path.string());
    return {std::move(checkpoint), std::move(path), std::move(warnings_)};
  }

  fs::path folder_;
  std::vector<int64_t> steps_;
  std::vector<std::string> warnings_;
};

}  // namespace

Checkpoint read_checkpoint(const fs::path& path) {
  return read_intact(path, load);
}

CheckpointDescription read_description(const fs::path& path) {
  return read_intact(path, [](const fs::path& file) {
    Hdf5Content content = read_hdf5_without_tensors(file);
    return CheckpointDescription{std::move(content.manifest), std::move(content.metadata)};
  });
}

LoadedCheckpoint read_latest(const fs::path& folder) {
  return Search(folder).run();
}

bool holds_checkpoints(const fs::path& folder) {
  return !steps_in(folder).empty();
}

}  // namespace peft::host
