#include "datasets/alpaca/alpaca_dataset.h"

#include "dataset_fixture.h"

using namespace peft::test;
using peft::alpaca::AlpacaDataset;

TEST_CASE("Alpaca: the user gives the instruction, and below it the input where there is one") {
  const Collected rows = read(AlpacaDataset(), {R"({"instruction": "Add.", "input": "1 2", "output": "3"})",
                                                R"({"instruction": "Add.", "input": "", "output": "What?"})",
                                                R"({"instruction": "Add.", "input": null, "output": "?"})",
                                                R"({"instruction": "Add.", "output": "!"})"});
  CHECK(said(rows) == Lines{"u:Add.\n\n1 2 a:3", "u:Add. a:What?", "u:Add. a:?", "u:Add. a:!"});
  CHECK(rows.examples[1].group == rows.examples[2].group);
  CHECK(rows.examples[0].group != rows.examples[1].group);
}

TEST_CASE("Alpaca: rows without an instruction or an output are counted; other things than texts refused") {
  const Collected rows = read(
      AlpacaDataset(), {R"({"instruction": "", "output": "x"})", R"({"instruction": "x", "output": ""})"});
  CHECK(rows.examples.empty());
  CHECK(rows.counts.of("rows with an empty instruction") == 1);
  CHECK(rows.counts.of("rows with an empty output") == 1);
  CHECK_THROWS_WITH(
      read(AlpacaDataset(), {R"({"instruction": "x", "input": 3, "output": "x"})"}),
      Catch::Contains("rows.jsonl:1: error: found integer in the column 'input', expected text"));
}
