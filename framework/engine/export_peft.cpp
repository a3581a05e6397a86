#include "engine/export_run.h"

#include <utility>

#include "engine/peft_folder.h"
#include "peft/error.h"
#include "peft/method.h"

namespace peft::host {
ExportOutcome export_peft(const Recipe& recipe, Session& session, const ExportRequest& request) {
  std::vector<std::pair<std::filesystem::path, PeftFolder>> contents;
  const bool several = session.set->methods().size() > 1;
  for (MethodInstance& instance : session.set->methods()) {
    auto* format = query<PeftFormat>(*instance.method);
    if (format == nullptr) {
      throw UsageError("the method '" + instance.name + "' (" + instance.plugin +
                       ") has no form in Hugging Face PEFT; export the run with --format merged");
    }
    contents.emplace_back(several ? request.to / instance.name : request.to,
                          format->to_peft(session.model(), instance));
  }
  // Only now, so that a method that cannot be exported leaves nothing behind.
  const PeftHostSettings settings = peft_settings(recipe, session.peft_task_type);
  ExportOutcome outcome;
  for (const auto& [folder, content] : contents) {
    write_peft_folder(folder, content, settings);
    outcome.folders.push_back(folder);
  }
  return outcome;
}

}  // namespace peft::host
