#include "checkpoint/seal.h"

#include <charconv>
#include <span>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/sha256.h"
#include "checkpoint/layout.h"
#include "peft/error.h"

namespace peft::host {
namespace {

constexpr std::string_view not_a_checkpoint =
    "it does not begin with a checkpoint's seal; it is damaged, was never finished, or is another kind of "
    "file";

std::string seal_text(const Seal& seal) {
  std::string text = std::string(layout::format_name) + "\nformat_version " +
                     std::to_string(seal.format_version) + "\nfile_bytes " + std::to_string(seal.file_bytes) +
                     "\nsha256_after_byte_512 " + seal.sha256 + "\nHDF5 follows.\n";
  text.resize(seal_bytes, '\0');
  return text;
}

// The text between `key` and the end of its line, which `text` begins with; removed from it.
std::string_view take_line(std::string_view& text, std::string_view key) {
  const size_t end = text.find('\n');
  if (!text.starts_with(key) || end == std::string_view::npos) throw Error(std::string(not_a_checkpoint));
  const std::string_view value = text.substr(key.size(), end - key.size());
  text.remove_prefix(end + 1);
  return value;
}

template <typename Integer>
Integer parse_number(std::string_view text) {
  Integer number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) throw Error(std::string(not_a_checkpoint));
  return number;
}

Seal parse_seal(const std::string& block) {
  std::string_view text = block;
  Seal seal;
  take_line(text, layout::format_name);
  seal.format_version = parse_number<int64_t>(take_line(text, "format_version "));
  if (seal.format_version != layout::format_version) {
    throw Error("its format version is " + std::to_string(seal.format_version) +
                "; this build reads version " + std::to_string(layout::format_version) +
                "; use the build that wrote it, or a newer one");
  }
  seal.file_bytes = parse_number<uint64_t>(take_line(text, "file_bytes "));
  seal.sha256 = take_line(text, "sha256_after_byte_512 ");
  if (seal_text(seal) != block) throw Error(std::string(not_a_checkpoint));  // every bit of it counts
  return seal;
}

}  // namespace

Seal seal_for(const std::filesystem::path& path) {
  InputFile file(path);
  std::vector<char> buffer(size_t{1} << 18);
  Seal seal{layout::format_version, file.read(buffer.data(), seal_bytes), {}};
  Sha256 hash;
  while (const size_t size = file.read(buffer.data(), buffer.size())) {
    hash.update(buffer.data(), size);
    seal.file_bytes += size;
  }
  seal.sha256 = hash.finish();
  return seal;
}

void write_seal(FileOperations& operations, const OpenFile& file, const Seal& seal) {
  const std::string text = seal_text(seal);
  operations.write(file, 0, std::as_bytes(std::span(text)));
}

Seal read_seal(const std::filesystem::path& path) {
  std::string block(seal_bytes, '\0');
  if (InputFile(path).read(block.data(), block.size()) < seal_bytes)
    throw Error(std::string(not_a_checkpoint));
  const Seal seal = parse_seal(block);
  const uint64_t file_bytes = std::filesystem::file_size(path);
  if (file_bytes != seal.file_bytes) {
    throw Error("it has " + std::to_string(file_bytes) + " bytes; " + std::to_string(seal.file_bytes) +
                " were written");
  }
  return seal;
}

void require_intact(const std::filesystem::path& path) {
  if (read_seal(path) != seal_for(path)) {
    throw Error("its bytes differ from the SHA-256 that was written with them; it was damaged or edited");
  }
}

}  // namespace peft::host
