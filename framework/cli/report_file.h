// A run's report.html, kept of one mind with the run by the verbs that change it.
#pragma once

#include <filesystem>
#include <string>

namespace peft::host {

// Writes the report of the run in `folder` again and returns its path as it would be typed. What the verb did
// went well, and a page that cannot be written does not change that: then it warns on stderr and returns "".
std::string renew_report(const std::filesystem::path& folder);

}  // namespace peft::host
