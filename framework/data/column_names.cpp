#include "data/column_names.h"

#include <algorithm>
#include <utility>

namespace peft::host {

ColumnNames::ColumnNames(ColumnMap columns) : columns_(std::move(columns)) {
  for (const auto& [name, in_file] : columns_) found_[in_file] = 0;
}

const std::string& ColumnNames::in_file(const std::string& name) const {
  const auto renamed = columns_.find(name);
  return renamed == columns_.end() ? name : renamed->second;
}

std::vector<std::string> ColumnNames::never_found() const {
  std::vector<std::string> names;
  for (const auto& [name, times] : found_) {
    if (times == 0) names.push_back(name);
  }
  return names;
}

void ColumnNames::rename(Value::Map& map) {
  const auto has = [&map](const std::string& key) {
    return std::any_of(map.begin(), map.end(),
                       [&key](const Value::Entry& entry) { return entry.first == key; });
  };
  const bool concerned = std::any_of(columns_.begin(), columns_.end(),
                                     [&has](const auto& column) { return has(column.second); });
  if (!concerned) return;

  Value::Map renamed;
  for (Value::Entry& entry : map) {
    if (const auto found = found_.find(entry.first); found != found_.end()) {
      ++found->second;
      for (const auto& [name, in_file] : columns_) {
        if (in_file == entry.first) renamed.emplace_back(name, entry.second);
      }
      continue;
    }
    const auto taken = columns_.find(entry.first);
    if (taken == columns_.end() || !has(taken->second)) renamed.push_back(std::move(entry));
  }
  map = std::move(renamed);
}

void ColumnNames::apply(Value& row) {
  if (columns_.empty()) return;
  if (row.is_list()) {
    for (Value& item : row.as_list()) apply(item);
  } else if (row.is_map()) {
    rename(row.as_map());
    for (auto& [key, value] : row.as_map()) apply(value);
  }
}

}  // namespace peft::host
