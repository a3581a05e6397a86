#include "plugin/section_names.h"

#include <elf.h>

#include <boost/dll/library_info.hpp>
#include <cstring>
#include <fstream>

#include "peft/error.h"

namespace fs = std::filesystem;

namespace peft::host {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half native_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half native_machine = EM_AARCH64;
#else
#error "state this machine's ELF number here"
#endif

[[noreturn]] void refuse(const fs::path& file, const std::string& found) {
  throw Error(
      file.string() + ": found " + found +
      ", expected a shared library of this machine; copy or build the plugin again, or take the file away");
}

template <class T>
bool read_at(std::ifstream& stream, uint64_t offset, T& value) {
  stream.seekg(static_cast<std::streamoff>(offset));
  return static_cast<bool>(stream.read(reinterpret_cast<char*>(&value), sizeof value));
}

// Boost's reader believes the header: it allocates what the header says, and walks over the names until they
// end exactly with their table. So the table is looked at first: inside the file, and with a zero at its end.
void check_name_table(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) refuse(file, "a file that cannot be opened for reading");
  Elf64_Ehdr header;
  if (!read_at(stream, 0, header)) refuse(file, "a file of fewer bytes than a library's header");
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) refuse(file, "a file that is no ELF library");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != native_machine) {
    refuse(file, "an ELF file for another kind of processor");
  }
  if (header.e_type != ET_DYN) refuse(file, "an ELF file that is not a shared library");

  const uint64_t size = fs::file_size(file);
  const uint64_t entry_end = header.e_shoff + (uint64_t{header.e_shstrndx} + 1) * sizeof(Elf64_Shdr);
  Elf64_Shdr names;
  const bool table_inside = header.e_shoff < size && entry_end <= size &&
                            read_at(stream, entry_end - sizeof names, names) && names.sh_offset < size &&
                            names.sh_size > 0 && names.sh_size <= size - names.sh_offset;
  char last = 1;
  if (!table_inside || !read_at(stream, names.sh_offset + names.sh_size - 1, last) || last != 0) {
    refuse(file, "a truncated or damaged ELF library");
  }
}

}  // namespace

std::vector<std::string> section_names(const fs::path& file) {
  check_name_table(file);
  try {
    return boost::dll::library_info(file).sections();
  } catch (const std::exception& failure) {  // bad_alloc too: whatever a lying file makes of the reader
    refuse(file, std::string("a damaged ELF library (") + failure.what() + ")");
  }
}

}  // namespace peft::host
