#include "hub/partial_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "base/files.h"
#include "peft/error.h"

namespace peft::host {
namespace {

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path) {
  throw Error("cannot " + what + " " + path.string() + ": " + std::generic_category().message(errno));
}

}  // namespace

PartialFile::PartialFile(std::filesystem::path path, const HubFile& file)
    : path_(std::move(path)),
      file_(file),
      descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)),
      hash_(file.etag, file.size) {
  if (descriptor_ < 0) fail("open", path_);
  InputFile kept(path_);
  std::vector<char> buffer(size_t{1} << 20);
  while (const size_t count = kept.read(buffer.data(), buffer.size())) {
    hash_.update({buffer.data(), count});
    size_ += static_cast<int64_t>(count);
  }
  if (size_ > file_.size) begin_anew();
}

PartialFile::~PartialFile() {
  ::close(descriptor_);
}

void PartialFile::append(std::string_view bytes) {
  if (size_ + static_cast<int64_t>(bytes.size()) > file_.size) {
    throw Error("found more than the " + std::to_string(file_.size) + " bytes that the hub lists");
  }
  hash_.update(bytes);
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", path_);
    size_ += written;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

void PartialFile::begin_anew() {
  if (::ftruncate(descriptor_, 0) != 0) fail("empty", path_);
  size_ = 0;
  hash_ = BlobHash(file_.etag, file_.size);
}

bool PartialFile::is_right() {
  return size_ == file_.size && hash_.finish() == file_.etag;
}

}  // namespace peft::host
