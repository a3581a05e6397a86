#include "data/token_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "data/byte_stream.h"
#include "peft/error.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "peft-host tokens 2\n";  // the number rises with the form of the bytes
constexpr size_t hash_size = 32;
constexpr size_t alignment = 8;
constexpr size_t hashed_at_once = size_t{16} << 20;

std::string_view text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

// Of a mapped file: its pages do not stay in memory.
std::string hash_of(std::string_view bytes) {
  Xxh3 hash;
  for (size_t at = 0; at < bytes.size(); at += hashed_at_once) {
    const std::string_view part = bytes.substr(at, hashed_at_once);
    hash.update(part);
    drop_pages({reinterpret_cast<const std::byte*>(part.data()), part.size()});
  }
  return hash.finish();
}

}  // namespace

TokenFile::TokenFile() : TokenFile(fs::temp_directory_path() / "peft-host.tokens", "") {
  file_.hide();
}

TokenFile::TokenFile(const fs::path& target, std::string_view key) : file_(target) {
  ByteWriter head;
  head.append(magic);
  head.text(key);
  write(head.bytes());
  pad();
  store_begin_ = size_;
}

void TokenFile::write(std::string_view bytes) {
  try {
    file_.write(bytes);
  } catch (const Error& problem) {
    throw Error(std::string(problem.what()) +
                "; tokenised data larger than memory needs room on a disk: set PEFT_CACHE (or TMPDIR, where "
                "PEFT_CACHE is off) to a folder that has some");
  }
  hash_.update(bytes);
  size_ += bytes.size();
}

void TokenFile::pad() {
  write(std::string((alignment - size_ % alignment) % alignment, '\0'));
}

void TokenFile::add(const TokenColumns& columns) {
  ByteWriter block;
  columns.write(block);
  write(block.bytes());
  block_ends_.push_back(size_ - store_begin_);
  examples_ += static_cast<int64_t>(columns.examples());
  pad();
}

std::shared_ptr<const TokenStore> TokenFile::finish(const SourceSummary& summary) {
  const uint64_t tail_begin = size_ - store_begin_;
  ByteWriter tail;
  tail.number(summary.rows);
  tail.number(examples_);
  tail.number<uint64_t>(summary.counts.entries().size());
  for (const auto& [what, times] : summary.counts.entries()) {
    tail.text(what);
    tail.number(times);
  }
  tail.array(block_ends_);
  tail.number(tail_begin);
  write(tail.bytes());
  const uint64_t store_size = size_ - store_begin_;
  write(hash_.finish());
  const auto mapped = std::make_shared<const MappedFile>(file_.descriptor(), file_.path());
  return std::make_shared<const TokenStore>(text_of(*mapped).substr(store_begin_, store_size), mapped);
}

std::shared_ptr<const TokenStore> read_token_file(const fs::path& path, std::string_view key) {
  std::optional<MappedFile> mapped = MappedFile::if_there(path);
  if (!mapped) return {};
  const auto file = std::make_shared<const MappedFile>(std::move(*mapped));
  const std::string_view content = text_of(*file);
  if (!content.starts_with(magic) || content.size() < magic.size() + hash_size) {
    throw Error("it does not begin as one");
  }
  const std::string_view body = content.substr(0, content.size() - hash_size);
  if (hash_of(body) != content.substr(body.size())) throw Error("its checksum is wrong");
  ByteReader reader(body);
  reader.skip(magic.size());
  if (reader.text() != key) throw Error("it is of other data");
  const size_t head = magic.size() + sizeof(uint64_t) + key.size();
  const size_t begin = (head + alignment - 1) / alignment * alignment;
  if (begin > body.size()) throw Error("it is too short");
  return std::make_shared<const TokenStore>(body.substr(begin), file);
}

}  // namespace peft::host
