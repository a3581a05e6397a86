#include "engine/label_check.h"

#include <set>

#include "peft/error.h"
#include "peft/labelling.h"
#include "peft/names.h"

namespace peft::host {

namespace {

// Those that stand in `data`, until there are `enough`.
std::set<size_t> labels_in(const EncodedData& data, size_t enough) {
  std::set<size_t> found;
  for (size_t i = 0; i < data.examples.size() && found.size() < enough; ++i) {
    found.insert(static_cast<size_t>(data.examples[i].target));
  }
  return found;
}

std::string shown(size_t label, const std::vector<std::string>& names) {
  return std::to_string(label) + " (" + names.at(label) + ")";
}

}  // namespace

void check_labels(Task& task, const EncodedData& training, std::vector<std::string>& notes) {
  auto* labelling = query<Labelling>(task);
  if (labelling == nullptr) return;
  const std::vector<std::string> names = labelling->label_names();
  const std::set<size_t> found = labels_in(training, names.size());
  if (found.size() == 1) {
    throw UsageError("found the label " + shown(*found.begin(), names) + " alone in all " +
                     std::to_string(training.examples.size()) +
                     " training examples, expected two labels or more; check data.source and data.columns: a "
                     "file sorted by label may have been cut, or the column label be another");
  }
  std::vector<std::string> missing;
  for (size_t label = 0; label < names.size(); ++label) {
    if (!found.contains(label)) missing.push_back(shown(label, names));
  }
  if (!missing.empty())
    notes.push_back("training examples: none has the label " + join(missing) +
                    ", which the task expects and so cannot learn");
}

void check_scored_labels(Task& task, const EncodedData& scored, int64_t held_out,
                         std::vector<std::string>& notes) {
  auto* labelling = query<Labelling>(task);
  if (labelling == nullptr) return;
  const std::set<size_t> found = labels_in(scored, 2);
  if (found.size() != 1) return;
  notes.push_back("validation examples: the " + std::to_string(scored.examples.size()) +
                  " that are scored, the first of " + std::to_string(held_out) +
                  " held out, all have the label " + shown(*found.begin(), labelling->label_names()) +
                  "; raise evaluate.examples, or hold out others");
}

}  // namespace peft::host
