// Tasks that give labels.
#pragma once

#include <string>
#include <vector>

namespace peft {

// Found by `query` on a Task whose `measure` gives labels. Such a task makes no text.
class Labelling {
 public:
  static constexpr const char* id = "peft.labelling.1";
  virtual ~Labelling();
  // What label 0, 1, … are called.
  virtual std::vector<std::string> label_names() const = 0;
};

}  // namespace peft
