#include "records/byte_source.h"

#include <zlib.h>

#include <cerrno>
#include <string>
#include <system_error>

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

class GzipSource : public ByteSource {
 public:
  explicit GzipSource(const std::filesystem::path& path) : path_(path), file_(gzopen(path.c_str(), "rb")) {
    if (!file_) throw Error("cannot open " + path_.string() + ": " + std::generic_category().message(errno));
    gzbuffer(file_, 1u << 18);
  }
  ~GzipSource() override { gzclose_r(file_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  size_t read(char* buffer, size_t size) override {
    const int count = gzread(file_, buffer, static_cast<unsigned>(size));
    int code = Z_OK;
    const std::string reason = gzerror(file_, &code);
    // zlib hands out what it could unpack and reports a missing end only here.
    if (code == Z_BUF_ERROR)
      throw Error(path_.string() + ": error: the gzip data is truncated; fetch the file again");
    if (count < 0) throw Error("cannot unpack " + path_.string() + ": " + reason);
    // What is not gzip is handed through as it is.
    if (gzdirect(file_))
      throw Error(path_.string() + ": error: not gzip data, though its name ends in .gz; rename it");
    return static_cast<size_t>(count);
  }

 private:
  std::filesystem::path path_;
  gzFile file_;
};

}  // namespace

std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& file, bool gzipped) {
  if (gzipped) return std::make_unique<GzipSource>(file);
  return std::make_unique<PlainSource>(file);
}

}  // namespace peft::host
