#include "base/files.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "peft/error.h"

namespace fs = std::filesystem;
using namespace peft::host;

namespace {

struct TemporaryFolder {
  fs::path path = fs::temp_directory_path() / ("peft_files_test." + std::to_string(::getpid()));
  TemporaryFolder() { fs::create_directories(path); }
  ~TemporaryFolder() { fs::remove_all(path); }
  size_t files() const { return static_cast<size_t>(std::distance(fs::directory_iterator(path), {})); }
};

}  // namespace

TEST_CASE("A written file reads back, replaces the old one and leaves nothing beside it") {
  TemporaryFolder folder;
  const fs::path path = folder.path / "a.txt";
  for (const std::string& content :
       {std::string("first"), std::string("\0two\n", 5), std::string(), std::string(3'000'000, 'x')}) {
    write_file_atomically(path, content);
    CHECK(read_file(path) == content);
    CHECK(folder.files() == 1);
  }
}

TEST_CASE("A file that need not outlast a power cut is replaced as a whole too") {
  TemporaryFolder folder;
  const fs::path path = folder.path / "a.txt";
  for (const std::string& content : {std::string("first"), std::string(3'000'000, 'x')}) {
    replace_file(path, content);
    CHECK(read_file(path) == content);
    CHECK(folder.files() == 1);
  }
  fs::create_directory(folder.path / "taken");
  CHECK_THROWS_AS(replace_file(folder.path / "taken", "x"), peft::Error);
  CHECK(folder.files() == 2);
}

TEST_CASE("A failed write names the path and the reason, and leaves no temporary file") {
  TemporaryFolder folder;
  CHECK_THROWS_WITH(write_file_atomically(folder.path / "absent" / "a.txt", "x"),
                    Catch::Contains((folder.path / "absent").string()) && Catch::Contains("No such file"));
  fs::create_directory(folder.path / "taken");
  CHECK_THROWS_AS(write_file_atomically(folder.path / "taken", "x"), peft::Error);
  CHECK(folder.files() == 1);
}

TEST_CASE("Reading an absent file or a folder names it and the reason") {
  TemporaryFolder folder;
  CHECK_THROWS_WITH(read_file(folder.path / "none"), Catch::Contains("/none: No such file or directory"));
  CHECK_THROWS_WITH(read_file(folder.path), Catch::Contains("Is a directory"));
}

TEST_CASE("A file whose size the system does not tell is read whole") {
  CHECK_FALSE(read_file("/proc/self/maps").empty());
}
