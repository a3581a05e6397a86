// A file that is being written, beside the one whose place it takes when it is whole.
#pragma once

#include <filesystem>
#include <string_view>

namespace peft::host {

// In the target's folder, so that a rename stays within one file system. Removed on every way out but after
// `replace`. Every failure throws `peft::Error` with the path and the system's reason.
class TemporaryFile {
 public:
  // TARGET.tmp.PID.N, a name that no other file has. The folder must exist.
  explicit TemporaryFile(const std::filesystem::path& target);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  // For reading, too, while this lives.
  int descriptor() const { return descriptor_; }
  const std::filesystem::path& path() const { return path_; }

  void write(std::string_view content);
  // Waits for the disk.
  void sync();
  // Takes the file's name away: nothing is left of it when the process ends, however it does.
  void hide();
  // Closes the file and renames it over `target`, which is in its folder.
  void replace(const std::filesystem::path& target);

 private:
  std::filesystem::path path_;
  int descriptor_;
  bool named_ = true;  // by `path_`
};

}  // namespace peft::host
