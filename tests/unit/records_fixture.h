// Small data files in a folder of their own, gone at the end of the test.
#pragma once

#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "base/json.h"
#include "records/records.h"

struct TemporaryFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("peft_records_test." + std::to_string(::getpid()));

  TemporaryFolder() {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }

  std::filesystem::path write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << content;
    return path / name;
  }

  // All rows of a file, as JSON.
  static std::string rows(const std::filesystem::path& file, const peft::host::ReadOptions& options) {
    return peft::host::dump_json(peft::Value(peft::host::read_rows({file}, options)));
  }
  std::string rows(const std::string& name, const std::string& content) const {
    return rows(write(name, content), {});
  }
};

inline std::string gzip(const std::string& text) {
  z_stream stream{};
  // 15 + 16: the largest window, in gzip's format.
  if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib");
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("zlib");
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}
