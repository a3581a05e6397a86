// The section names of an ELF library, read from the file: nothing of it is run, and nothing of it is
// trusted.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace peft::host {

// Throws `peft::Error` naming the file where it is not a whole shared library of this machine's kind: a text,
// a truncated copy, another processor's, or one whose header points outside the file.
std::vector<std::string> section_names(const std::filesystem::path& file);

}  // namespace peft::host
