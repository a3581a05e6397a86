// Where on this machine the files lie that a recipe names by hub:// addresses.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace peft::host {

class Fetched {
 public:
  // Of an address as the recipe has it, commit included.
  void add_folder(const std::string& address, const std::string& folder) { folders_[address] = folder; }
  void add_files(const std::string& address, std::vector<std::string> files) {
    files_[address] = std::move(files);
  }

  // `place` itself where it is no address. Both throw `peft::Error` for an address that was not fetched.
  std::string folder(const std::string& place) const;
  // `sources` with the files of each address in its place.
  std::vector<std::string> files(const std::vector<std::string>& sources) const;

 private:
  std::map<std::string, std::string> folders_;
  std::map<std::string, std::vector<std::string>> files_;
};

}  // namespace peft::host
