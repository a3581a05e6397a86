#include "data/encode_source.h"

#include <exception>
#include <string>
#include <utility>

#include "data/chunk_encoder.h"
#include "peft/error.h"

namespace peft::host {
namespace {

ReadSummary read_into(ChunkEncoder& encoder, const DataSource& source) {
  try {
    return read_examples(source, [&encoder](Example example, const std::string& where) {
      encoder.add(std::move(example), where);
    });
  } catch (...) {
    // What is wrong with an example comes before what is wrong behind it.
    encoder.wait();
    throw;
  }
}

}  // namespace

std::shared_ptr<const TokenStore> encode_source(const Encoding& encoding, const DataSource& source,
                                                size_t limit, size_t threads, TokenFile& file) {
  ChunkEncoder encoder(encoding, source.bad_rows, limit, threads, file);
  ReadSummary read = read_into(encoder, source);
  encoder.finish();
  encoder.refused().count_in(read.counts, "examples that the task cannot take, left out");
  auto store = file.finish({.rows = read.rows, .examples = 0, .counts = read.counts});
  const SourceSummary& summary = store->summary();
  if (summary.examples == 0) {
    throw Error("found no example in " + names_of(source.files) + " (" + std::to_string(summary.rows) +
                " rows" + (summary.counts.empty() ? "" : "; " + to_text(summary.counts)) +
                "), expected at least one; check data.source and the options of the dataset " +
                source.descriptor.name);
  }
  return store;
}

}  // namespace peft::host
