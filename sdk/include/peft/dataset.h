// Datasets turn rows of plain values into examples. The host opens and decodes the files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "peft/component.h"
#include "peft/example.h"
#include "peft/options.h"

namespace peft {

// The rows of all source files, in file order. Columns already have the names the dataset declares: the host
// applies the recipe's `columns` map.
class RowSource {
 public:
  virtual ~RowSource();
  // Reads the next row, a map, into `row`; false at the end. Throws `peft::Error` naming file and row where a
  // file is damaged.
  virtual bool next(Value& row) = 0;
  // "conversations.jsonl:17", of the row read last.
  virtual std::string where() const = 0;
};

// Where a dataset puts what it made of the rows.
class ExampleSink {
 public:
  virtual ~ExampleSink();
  // In an order that depends on the rows alone.
  virtual void add(Example example) = 0;
  // Counts something worth telling in the run's summary: "messages whose parent is missing". Nothing is
  // dropped in silence.
  virtual void count(std::string_view what, int64_t times = 1) = 0;
};

class Dataset : public Component {
 public:
  ~Dataset() override;
  // Reads every row. Throws `peft::Error` naming `rows.where()` for a row that cannot be read as this
  // dataset's, with the columns it has and those that are needed.
  virtual void read(RowSource& rows, ExampleSink& examples) const = 0;
};

struct DatasetDescriptor {
  std::string name;
  std::string summary;
  std::vector<std::string> columns;  // that rows must have; the recipe's `columns` may rename them
  std::vector<std::string> optional_columns;
  // Of all these, those that hold lists or maps: where a file has text there (a CSV file has nothing else),
  // the host reads it as JSON.
  std::vector<std::string> structured_columns = {};
  OptionTable options;  // stand in the recipe's `data` map beside the host's own keys
  std::function<std::unique_ptr<Dataset>(const Value& options)> create;
};

}  // namespace peft
