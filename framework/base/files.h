// Files read whole or streamed, and written so that a crash leaves the old one or the new one, never half of
// one. Every failure throws `peft::Error` with the path and the system's reason.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace peft::host {

// An open file, read from its beginning to its end.
class InputFile {
 public:
  explicit InputFile(std::filesystem::path path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Fills as much of `buffer` as the file still has; less than `size` only at the end, 0 afterwards.
  size_t read(char* buffer, size_t size);

 private:
  std::filesystem::path path_;
  int descriptor_;
};

std::string read_file(const std::filesystem::path& path);

// Makes the folder and those above it, where they are not there yet.
void create_folders(const std::filesystem::path& path);

// Writes a temporary file in the target's folder, fsyncs it, renames it over the target and fsyncs the
// folder: when this returns, the file outlasts a power cut. On failure the temporary file is removed and an
// existing target is as it was. The folder must exist. A target that is a symbolic link is replaced, not
// followed.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

// The same without waiting for the disk, for what can be made again: other processes see the old file or the
// new one, but after a power cut its content may be anything.
void replace_file(const std::filesystem::path& path, std::string_view content);

// The two halves of `write_file_atomically`, for writers that fill the temporary file themselves.
void sync_file(const std::filesystem::path& path);
// Both in one folder. `from` must have been synced.
void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace peft::host
