#include "engine/export_run.h"

#include <utility>

#include "engine/export_template.h"
#include "engine/peft_folder.h"
#include "engine/task_head.h"
#include "peft/error.h"
#include "peft/method.h"

namespace peft::host {
ExportOutcome export_peft(const Recipe& recipe, Session& session, const ExportRequest& request) {
  std::vector<std::pair<std::filesystem::path, PeftFolder>> contents;
  const MethodInstance* head = head_of(*session.set);
  const bool several = recipe.methods.size() > 1;
  for (MethodInstance& instance : session.set->methods()) {
    if (&instance == head) continue;  // goes with each of the others
    auto* format = query<PeftFormat>(*instance.method);
    if (format == nullptr) {
      throw UsageError("the method '" + instance.name + "' (" + instance.plugin +
                       ") has no form in Hugging Face PEFT; export the run with --format merged");
    }
    contents.emplace_back(several ? request.to / instance.name : request.to,
                          format->to_peft(session.model(), instance));
    if (head == nullptr) continue;
    PeftFolder& content = contents.back().second;
    if (content.config.at("peft_type") == Value(adapter_hub_type)) {
      throw UsageError("the method '" + instance.name +
                       "' goes into a folder of AdapterHub's library, which " +
                       "has no place for the head of the task " + recipe.task.name +
                       "; export the run with --format merged, whose model holds the head");
    }
    add_head(content, session.model(), *head);
  }
  // Only now, so that a method that cannot be exported leaves nothing behind.
  const PeftHostSettings settings = peft_settings(recipe, session.peft_task_type);
  ExportOutcome outcome;
  for (const auto& [folder, content] : contents) {
    write_peft_folder(folder, content, settings);
    outcome.folders.push_back(folder);
    auto said = export_template(recipe, session, folder);
    if (said && (outcome.notes.empty() || outcome.notes.back() != *said))
      outcome.notes.push_back(*std::move(said));
  }
  return outcome;
}

}  // namespace peft::host
