// What a path in a recipe means.
//
// A path in a recipe's file is relative to that file, also in a recipe that another one extends. A path on
// the command line is relative to the working directory, and so is `output`, wherever it stands.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "recipe/location.h"

namespace peft::host {

// Absolute, without `.`, and without `..` where leaving it out does not change what is meant (it may, behind
// a symbolic link). Nothing needs to exist; a glob stays one.
std::string absolute_path(const std::filesystem::path& path);
std::string resolve_path(std::string_view text, const RecipeLocation& where);

// For "there is no such file": where the same text would have been found relative to the working directory.
std::string path_hint(std::string_view text, const RecipeLocation& where);

}  // namespace peft::host
