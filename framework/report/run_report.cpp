#include "report/run_report.h"

#include "base/files.h"
#include "peft/error.h"
#include "report/page.h"
#include "report/run_facts.h"
#include "report/run_sections.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

std::string title_of(const RunRecord& record) {
  const std::string name = in_one_line(recipe_value(record, "name"));
  return name.empty() ? fs::absolute(record.folder).lexically_normal().filename().string() : name;
}

}  // namespace

std::string run_page(const RunRecord& record) {
  return to_text({.title = title_of(record),
                  .head = run_head(record),
                  .sections = {{"results", "Base against tuned", run_results(record)},
                               {"samples", "Answers side by side", run_samples(record)},
                               {"curves", "Curves", run_curves(record)},
                               {"methods", "Methods", run_methods(record)},
                               {"repeat", "To repeat it", run_repeat(record)}}});
}

fs::path write_run_report(const fs::path& folder, const std::optional<fs::path>& file) {
  const RunRecord record = read_run_record(folder);
  fs::path target = file.value_or(folder / report_file_name);
  if (fs::is_directory(target))
    throw UsageError(target.string() + ": error: found a folder, expected a file to write");
  replace_file(target, run_page(record));
  return target;
}

}  // namespace peft::host
