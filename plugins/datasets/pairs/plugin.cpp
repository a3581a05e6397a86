// A source and a target a row.
#include <string>

#include "peft/error.h"
#include "peft/plugin.h"

namespace peft::pairs {
namespace {

const std::string& text_of(const Value& row, const char* column, const RowSource& rows) {
  const Value& value = row.at(column);
  if (value.is_text()) return value.as_text();
  throw Error(rows.where() + ": error: found " + std::string(type_name(value.type())) + " in the column '" +
              column + "', expected text");
}

class PairsDataset : public Dataset {
 public:
  void read(RowSource& rows, ExampleSink& examples) const override {
    int64_t number = 0;
    for (Value row; rows.next(row);) {
      ++number;
      const std::string& source = text_of(row, "source", rows);
      const std::string& target = text_of(row, "target", rows);
      if (source.empty() || target.empty()) {
        examples.count(source.empty() ? "rows with an empty source" : "rows with an empty target");
        continue;
      }
      examples.add({.content = SourceTarget{source, target}, .group = std::to_string(number)});
    }
  }
};

void register_pairs(Registry& registry) {
  registry.add(DatasetDescriptor{.name = "pairs",
                                 .summary = "a source and a target a row",
                                 .columns = {"source", "target"},
                                 .optional_columns = {},
                                 .options = {},
                                 .create = [](const Value&) { return std::make_unique<PairsDataset>(); }});
}

}  // namespace
}  // namespace peft::pairs

PEFT_PLUGIN("pairs", "1.0.0", peft::pairs::register_pairs)
