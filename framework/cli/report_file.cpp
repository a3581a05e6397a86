#include "cli/report_file.h"

#include <exception>
#include <iostream>

#include "base/shell.h"
#include "report/run_report.h"

namespace peft::host {

std::string renew_report(const std::filesystem::path& folder) {
  try {
    return typed_path(write_run_report(folder));
  } catch (const std::exception& error) {
    std::cerr << "peft-host: warning: no report was written: " << error.what() << "\n";
    return "";
  }
}

}  // namespace peft::host
