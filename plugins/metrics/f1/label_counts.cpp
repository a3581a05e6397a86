#include "label_counts.h"

#include <limits>

#include "peft/error.h"

namespace peft::f1 {

double LabelCounts::Count::f1() const {
  const int64_t both = predicted + labelled;
  return both == 0 ? 0.0 : 2.0 * static_cast<double>(right) / static_cast<double>(both);
}

void LabelCounts::add(int64_t label, int64_t predicted) {
  if (label == predicted) ++counts_[label].right;
  ++counts_[label].labelled;
  ++counts_[predicted].predicted;
}

double LabelCounts::f1(Average average) const {
  if (counts_.empty()) return std::numeric_limits<double>::quiet_NaN();
  if (average == Average::binary) {
    if (counts_.rbegin()->first > 1) {
      throw Error("found the label " + std::to_string(counts_.rbegin()->first) +
                  ", expected 0 and 1 alone for the metric f1 with 'average: binary'; set it to macro");
    }
    const auto positive = counts_.find(1);
    return positive == counts_.end() ? 0.0 : positive->second.f1();
  }
  Count all;
  double sum = 0.0;
  double weighted = 0.0;
  for (const auto& [label, count] : counts_) {
    all.right += count.right;
    all.predicted += count.predicted;
    all.labelled += count.labelled;
    sum += count.f1();
    weighted += count.f1() * static_cast<double>(count.labelled);
  }
  if (average == Average::micro) return all.f1();
  return average == Average::macro ? sum / static_cast<double>(counts_.size())
                                   : weighted / static_cast<double>(all.labelled);
}

}  // namespace peft::f1
