#include "engine/label_check.h"

#include <set>

#include "peft/error.h"
#include "peft/labelling.h"
#include "peft/names.h"

namespace peft::host {

void check_labels(Task& task, const EncodedData& training, std::vector<std::string>& notes) {
  auto* labelling = query<Labelling>(task);
  if (labelling == nullptr) return;
  const std::vector<std::string> names = labelling->label_names();
  std::set<size_t> found;
  for (size_t i = 0; i < training.examples.size() && found.size() < names.size(); ++i) {
    found.insert(static_cast<size_t>(training.examples[i].target));
  }
  if (found.size() == 1) {
    throw UsageError("found the label " + std::to_string(*found.begin()) + " (" + names.at(*found.begin()) +
                     ") alone in all " + std::to_string(training.examples.size()) +
                     " training examples, expected two labels or more; check data.source and data.columns: a "
                     "file sorted by label may have been cut, or the column label be another");
  }
  std::vector<std::string> missing;
  for (size_t label = 0; label < names.size(); ++label) {
    if (!found.contains(label)) missing.push_back(std::to_string(label) + " (" + names[label] + ")");
  }
  if (!missing.empty())
    notes.push_back("training examples: none has the label " + join(missing) +
                    ", which the task expects and so cannot learn");
}

}  // namespace peft::host
