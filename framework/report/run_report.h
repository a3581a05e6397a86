// The report of a run: everything it left behind, on one page.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "report/run_record.h"

namespace peft::host {

inline constexpr const char* report_file_name = "report.html";

// The page as text.
std::string run_page(const RunRecord& record);

// Writes the page of the run in `folder` to `file`, in the run's folder unless it is given; returns where it
// is. The file appears whole or not at all. Throws `peft::UsageError` where the folder is not a run's, and
// `peft::Error` where the file cannot be written.
std::filesystem::path write_run_report(const std::filesystem::path& folder,
                                       const std::optional<std::filesystem::path>& file = {});

}  // namespace peft::host
