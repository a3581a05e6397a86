// Few examples, read or encoded as a whole.
#pragma once

#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "data/chunk_encoder.h"
#include "data/encoded_examples.h"
#include "data/read_examples.h"
#include "data/token_file.h"
#include "peft/error.h"

namespace peft::test {

struct ExampleList {
  std::vector<Example> examples;
  int64_t rows = 0;
  host::Counts counts;
};

inline ExampleList read_examples(const Dataset& dataset, const DatasetDescriptor& descriptor,
                                 const std::vector<std::filesystem::path>& files,
                                 const host::ColumnMap& columns = {},
                                 host::BadRows bad_rows = host::BadRows::error) {
  ExampleList list;
  const host::ReadSummary read = host::read_examples(
      {.dataset = const_cast<Dataset&>(dataset),  // whose `query` is not const
       .descriptor = descriptor,
       .files = files,
       .columns = columns,
       .bad_rows = bad_rows},
      [&list](Example example, const std::string&) { list.examples.push_back(std::move(example)); });
  list.rows = read.rows;
  list.counts = read.counts;
  return list;
}

inline std::shared_ptr<const host::TokenStore> encode_examples(const host::Encoding& encoding,
                                                               const std::vector<Example>& examples,
                                                               size_t limit = 1'000'000, size_t threads = 1) {
  host::TokenFile file;
  host::ChunkEncoder encoder(encoding, host::BadRows::error, limit, threads, file);
  for (const Example& example : examples) encoder.add(example, "");
  encoder.finish();
  return file.finish({});
}

// All of them.
inline std::vector<EncodedExample> decoded(const host::EncodedExamples& examples) {
  std::vector<EncodedExample> all;
  for (size_t i = 0; i < examples.size(); ++i) all.push_back(examples[i]);
  return all;
}

}  // namespace peft::test
