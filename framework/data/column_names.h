// The recipe's `data.columns`: the dataset's names for columns that a file calls otherwise.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "peft/value.h"

namespace peft::host {

// A dataset's name -> the file's.
using ColumnMap = std::map<std::string, std::string>;

class ColumnNames {
 public:
  explicit ColumnNames(ColumnMap columns);

  // Renames the keys of a row and of every map inside it (the role and content of messages, the replies of a
  // reply). A renamed column takes the place of one that already has its new name; one column may serve under
  // several names.
  void apply(Value& row);

  bool renames() const { return !columns_.empty(); }
  // What the file calls a dataset's column.
  const std::string& in_file(const std::string& name) const;
  // Names of the file that no row had so far: a recipe's mistake that would otherwise pass in silence.
  std::vector<std::string> never_found() const;

 private:
  void rename(Value::Map& map);

  ColumnMap columns_;
  std::map<std::string, size_t> found_;  // the file's name -> how often
};

}  // namespace peft::host
