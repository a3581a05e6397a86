// A source and a target a row.
#include <string>

#include "peft/plugin.h"
#include "peft/row_dataset.h"

namespace peft::pairs {
namespace {

class PairsDataset : public RowDataset {
 public:
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override {
    const std::string& source = text_in(row, "source", rows);
    const std::string& target = text_in(row, "target", rows);
    if (source.empty()) return examples.count("rows with an empty source");
    if (target.empty()) return examples.count("rows with an empty target");
    examples.add({.content = SourceTarget{source, target}, .group = ""});
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
