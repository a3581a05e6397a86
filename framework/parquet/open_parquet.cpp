// The library's one export.
#include "parquet/parquet_reader.h"
#include "records/parquet.h"

using namespace peft::host;

extern "C" __attribute__((visibility("default"))) RecordReader* peft_open_parquet(
    const std::filesystem::path& file, const ReadOptions& options) {
  return new ParquetReader(file, options);
}

static_assert(std::is_same_v<decltype(&peft_open_parquet), OpenParquet>);
