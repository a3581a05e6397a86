#include "cli/program_files.h"

#include <string>
#include <system_error>
#include <vector>

#include "peft/error.h"

namespace fs = std::filesystem;

namespace peft::host {
namespace {

fs::path first_of(const std::vector<fs::path>& places, const std::string& what, const std::string& remedy) {
  std::string looked;
  for (const fs::path& place : places) {
    std::error_code ignored;
    if (fs::exists(place, ignored)) return fs::canonical(place);
    looked += (looked.empty() ? "" : " or ") + place.string();
  }
  throw Error("cannot find " + what + ": expected " + looked + "; " + remedy);
}

fs::path own_library(const char* name, const std::string& what) {
  const fs::path folder = program_file().parent_path();
  return first_of({folder / "lib" / name, folder.parent_path() / "lib" / name}, what,
                  "build everything ('make build') or install again");
}

}  // namespace

fs::path program_file() {
  std::error_code problem;
  fs::path file = fs::read_symlink("/proc/self/exe", problem);
  if (problem) throw Error("cannot tell where the program is (/proc/self/exe): " + problem.message());
  return file;
}

fs::path engine_file() {
  return own_library("libpeft_engine.so", "the engine");
}

fs::path hub_file() {
  return own_library("libpeft_hub.so", "the hub's library");
}

fs::path recipes_folder() {
  const fs::path above = program_file().parent_path().parent_path();
  return first_of({above / "share" / "peft" / "recipes", above / "recipes"}, "the recipes",
                  "install again, or run the program from its build folder");
}

}  // namespace peft::host
