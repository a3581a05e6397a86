#include "engine/output_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "peft/error.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

std::string system_message() {
  return std::generic_category().message(errno);
}

// The folder itself, or the nearest above it that is there.
fs::path nearest_existing(const fs::path& folder) {
  fs::path path = fs::absolute(folder).lexically_normal();
  std::error_code unknown;
  while (!fs::exists(path, unknown) && path != path.root_path()) path = path.parent_path();
  return path;
}

}  // namespace

void check_output(const Recipe& recipe) {
  const fs::path existing = nearest_existing(recipe.output);
  std::error_code unknown;
  std::string problem;
  if (!fs::is_directory(existing, unknown)) {
    problem = existing.string() + " is not a folder";
  } else if (::access(existing.c_str(), W_OK | X_OK) != 0) {
    problem = "cannot write in " + existing.string() + ": " + system_message();
  }
  if (problem.empty()) return;
  throw UsageError(recipe.where("output").text() + ": error: 'output': " + problem +
                   "; give another output=FOLDER");
}

FolderLock::FolderLock(const fs::path& folder)
    : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) throw Error("cannot open the folder " + folder.string() + ": " + system_message());
  // Some network file systems have no locks: better no protection there than no run.
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  ::close(descriptor_);
  throw Error(folder.string() +
              ": another run is writing here; wait for it to end, or give another output=FOLDER");
}

FolderLock::~FolderLock() {
  ::close(descriptor_);
}

}  // namespace peft::host
