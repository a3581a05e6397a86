// The first stage of the handshake: what a library says of itself before it is opened, and how it may lie.
#include "plugin/plugin_abi.h"

#include <elf.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

#include "base/files.h"
#include "peft/error.h"
#include "plugin_fixture.h"
#include "support/temporary_folder.h"

using namespace peft;
using namespace peft::host;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

std::string refusal(const fs::path& file) {
  try {
    check_abi(file);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("A plugin of this build passes the first stage of the handshake, stripped too") {
  CHECK(read_abi(built / "good" / "good_method.so") == host_abi());
  CHECK(read_abi(built / "good" / "stripped.so") == host_abi());
  CHECK(refusal(built / "good" / "stripped.so").empty());
}

TEST_CASE("A plugin built for something else is refused before it is opened, and told what to rebuild") {
  CHECK_THAT(refusal(bad("section_other_sdk")),
             Contains("section_other_sdk.so: found a plugin for SDK number 99, expected " +
                      std::to_string(host_abi().sdk_number) + "; rebuild the plugin with this host's SDK"));
  CHECK_THAT(refusal(bad("section_other_torch")),
             Contains("found a plugin for LibTorch 1.4, expected " + host_abi().torch) &&
                 Contains("rebuild the plugin with the LibTorch this host was built with"));
  CHECK_THAT(
      refusal(bad("section_other_cxx11_abi")),
      Contains("_GLIBCXX_USE_CXX11_ABI=0, expected 1; rebuild the plugin with -D_GLIBCXX_USE_CXX11_ABI=1"));
  const std::string everything = refusal(bad("section_other_everything"));
  CHECK(std::count(everything.begin(), everything.end(), '\n') == 2);
}

TEST_CASE("A library that is no plugin is named as such") {
  CHECK_THAT(refusal(bad("section_none")),
             Contains("section_none.so: this library is not a peft-host plugin"));
  CHECK_THAT(refusal(bad("section_ill_formed")),
             Contains("found section '.peft.abi.one', expected a name like"));
}

TEST_CASE("A file that is not a whole library is refused, whatever its header says") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "bad.so";
  const std::string whole = read_file(built / "good" / "good_dataset.so");

  write(file, "I am a text.\n");
  CHECK_THAT(refusal(file),
             Contains("found a file of fewer bytes than a library's header, expected a shared library"));
  write(file, std::string(5000, 'x'));
  CHECK_THAT(refusal(file), Contains("found a file that is no ELF library"));
  write(file, "");
  CHECK_THAT(refusal(file), Contains("fewer bytes"));
  CHECK_THAT(refusal(folder.path() / "absent.so"), Contains("cannot be opened for reading"));

  // Cut anywhere: the table of sections stands at a library's end.
  for (const size_t kept : {64, 1000, 4096}) {
    write(file, whole.substr(0, kept));
    CHECK_THAT(refusal(file), Contains("a truncated or damaged ELF library"));
  }
  write(file, whole.substr(0, whole.size() / 2));
  CHECK_THAT(refusal(file), Contains("a truncated or damaged ELF library"));

  SECTION("sections far outside the file") {
    std::string lying = whole;
    std::fill_n(lying.begin() + 40, 8, '\x7f');  // e_shoff
    write(file, lying);
    CHECK_THAT(refusal(file), Contains("a truncated or damaged ELF library"));
  }
  SECTION("another processor") {
    std::string other = whole;
    other[18] = 0x2b;  // e_machine
    write(file, other);
    CHECK_THAT(refusal(file), Contains("another kind of processor"));
  }
  SECTION("no shared library") {
    std::string other = whole;
    other[16] = 1;  // e_type: relocatable
    write(file, other);
    CHECK_THAT(refusal(file), Contains("not a shared library"));
  }
}

TEST_CASE("A table of section names that lies about itself is not believed") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "bad.so";
  const std::string whole = read_file(bad("section_other_sdk"));
  Elf64_Ehdr header;
  std::memcpy(&header, whole.data(), sizeof header);
  const size_t entry = header.e_shoff + header.e_shstrndx * sizeof(Elf64_Shdr);
  Elf64_Shdr names;
  std::memcpy(&names, whole.data() + entry, sizeof names);

  const auto refusal_with = [&](const Elf64_Shdr& changed, bool terminated) {
    std::string lying = whole;
    std::memcpy(lying.data() + entry, &changed, sizeof changed);
    if (!terminated) lying[names.sh_offset + names.sh_size - 1] = 'x';
    write(file, lying);
    return refusal(file);
  };
  CHECK_THAT(refusal_with(names, true), Contains("SDK number 99"));  // as it is, it is read
  CHECK_THAT(refusal_with(names, false), Contains("a truncated or damaged ELF library"));
  for (const uint64_t size : {uint64_t{0}, uint64_t{1} << 60, ~uint64_t{0}, uint64_t{whole.size()}}) {
    Elf64_Shdr changed = names;
    changed.sh_size = size;
    CHECK_THAT(refusal_with(changed, true), Contains("a truncated or damaged ELF library"));
  }
  Elf64_Shdr elsewhere = names;
  elsewhere.sh_offset = ~uint64_t{0} - 8;
  CHECK_THAT(refusal_with(elsewhere, true), Contains("a truncated or damaged ELF library"));
}

TEST_CASE("Every byte of a library's header may be wrong without a crash") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "bad.so";
  const std::string whole = read_file(bad("section_other_sdk"));
  for (size_t i = 0; i < 64; ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0xff);
    write(file, damaged);
    CHECK_FALSE(refusal(file).empty());  // of its header, or of the SDK number
  }
}
