// F1 of labels, as scikit-learn computes it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace peft::f1 {

enum class Average { binary, macro, micro, weighted };

// What was right and wrong about each label that was ever true or predicted.
class LabelCounts {
 public:
  void add(int64_t label, int64_t predicted);

  // F1 = 2 tp / (2 tp + fp + fn); a label for which that is 0 / 0 has 0. `binary` is label 1's. NaN without
  // examples. Throws `peft::Error` for `binary` where there are labels above 1.
  double f1(Average average) const;

 private:
  struct Count {
    int64_t right = 0;      // true positives
    int64_t predicted = 0;  // true and false positives
    int64_t labelled = 0;   // true positives and false negatives

    double f1() const;
  };

  std::map<int64_t, Count> counts_;
};

}  // namespace peft::f1
