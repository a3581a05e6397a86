// A dataset of one column.
#include "peft/plugin.h"

namespace {

class Lines : public peft::Dataset {
 public:
  void read(peft::RowSource& rows, peft::ExampleSink& examples) const override {
    peft::Value row;
    while (rows.next(row)) {
      peft::Example example;
      example.content = peft::Text{row.at("line").as_text()};
      example.group = rows.where();
      examples.add(std::move(example));
    }
  }
};

void register_lines(peft::Registry& registry) {
  registry.add(
      peft::DatasetDescriptor{.name = "lines",
                              .summary = "a text a row",
                              .columns = {"line"},
                              .optional_columns = {"language"},
                              .options = {},
                              .create = [](const peft::Value&) { return std::make_unique<Lines>(); }});
}

}  // namespace

PEFT_PLUGIN("good_dataset", "2.3.4", register_lines)
