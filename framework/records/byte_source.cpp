#include "records/byte_source.h"

#include <zlib.h>

#include <string>
#include <vector>

#include "base/files.h"
#include "peft/error.h"

namespace peft::host {
namespace {

class PlainSource : public ByteSource {
 public:
  explicit PlainSource(const std::filesystem::path& file) : file_(file) {}
  size_t read(char* buffer, size_t size) override { return file_.read(buffer, size); }

 private:
  InputFile file_;
};

// Member after member, as `gzip` and `cat` make them. Zeros may pad the file; anything else behind a member
// is damage, where zlib's own gzread would end in silence.
class GzipSource : public ByteSource {
 public:
  explicit GzipSource(const std::filesystem::path& path)
      : path_(path), file_(path), packed_(size_t{1} << 18) {
    constexpr int gzip_alone = 15 + 16;  // the largest window, in gzip's format
    if (inflateInit2(&stream_, gzip_alone) != Z_OK) fail("found too little memory to unpack it");
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  size_t read(char* buffer, size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out > 0 && (in_member_ || begin_member())) unpack();
    return size - stream_.avail_out;
  }

 private:
  // Whether there is a packed byte left.
  bool has_packed() {
    if (stream_.avail_in > 0) return true;
    stream_.avail_in = static_cast<uInt>(file_.read(packed_.data(), packed_.size()));
    stream_.next_in = reinterpret_cast<Bytef*>(packed_.data());
    return stream_.avail_in > 0;
  }

  bool begin_member() {
    for (; members_ > 0 && has_packed() && *stream_.next_in == 0; ++stream_.next_in) --stream_.avail_in;
    if (has_packed()) {
      ++members_;
      inflateReset(&stream_);
      in_member_ = true;
    } else if (members_ == 0) {
      fail("found an empty file, expected gzip data; fetch the file again");
    }
    return in_member_;
  }

  void unpack() {
    if (!has_packed()) fail("the gzip data is truncated; fetch the file again");
    const int code = inflate(&stream_, Z_NO_FLUSH);
    in_member_ = code != Z_STREAM_END;
    if (code == Z_OK || code == Z_STREAM_END) return;
    constexpr uLong magic = 2;  // bytes
    if (stream_.total_in > magic || stream_.total_out > 0) {
      fail(std::string("the gzip data is damaged: ") + (stream_.msg == nullptr ? "?" : stream_.msg) +
           "; fetch the file again");
    }
    if (members_ == 1) fail("not gzip data, though its name ends in .gz; rename it");
    fail("found something else behind the gzip data's end; fetch the file again, or cut it off");
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw Error(path_.string() + ": error: " + message);
  }

  std::filesystem::path path_;
  InputFile file_;
  std::vector<char> packed_;
  z_stream stream_{};
  size_t members_ = 0;  // that were begun
  bool in_member_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& file, bool gzipped) {
  if (gzipped) return std::make_unique<GzipSource>(file);
  return std::make_unique<PlainSource>(file);
}

}  // namespace peft::host
