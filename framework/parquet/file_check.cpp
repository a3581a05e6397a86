#include "parquet/file_check.h"

#include <fstream>
#include <string>
#include <string_view>

#include "peft/error.h"

namespace peft::host {
namespace {

constexpr std::string_view magic = "PAR1";
constexpr std::string_view encrypted_magic = "PARE";
constexpr std::string_view large_file_pointer = "version https://git-lfs";

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& message) {
  throw Error(file.string() + ": error: " + message);
}

// What is not text stands as a dot.
std::string quoted(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) text += byte >= ' ' && byte <= '~' ? byte : '.';
  return "'" + text + "'";
}

std::string read_from(std::ifstream& in, std::streamoff offset, size_t size) {
  std::string bytes(size, '\0');
  in.clear();
  in.seekg(offset);
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  bytes.resize(static_cast<size_t>(in.gcount()));
  return bytes;
}

}  // namespace

void check_parquet_ends(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) fail(file, "cannot be opened for reading");
  const std::streamoff size = in.tellg();
  if (size == 0) fail(file, "found an empty file, expected Parquet");
  const std::string head = read_from(in, 0, large_file_pointer.size());
  if (head == large_file_pointer) {
    fail(file, "found a Git LFS pointer, expected the file that it stands for; fetch it with 'git lfs pull'");
  }
  const std::string first = head.substr(0, magic.size());
  if (first != magic && first != encrypted_magic) {
    fail(file, "found " + quoted(first) + " at its start, expected PAR1: this is no Parquet file");
  }
  const auto ends = static_cast<std::streamoff>(magic.size());
  // Magic, an empty footer, its length, magic.
  const std::string last = size < 3 * ends ? "" : read_from(in, size - ends, magic.size());
  if (first == encrypted_magic || last == encrypted_magic) {
    fail(file, "is encrypted, which is not supported; decrypt it first");
  }
  if (last != magic) {
    fail(file, "is cut short: found no PAR1 at its end, where Parquet files have their footer, after " +
                   std::to_string(size) + " bytes; fetch or copy it again");
  }
}

}  // namespace peft::host
