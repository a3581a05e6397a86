#include "records/parquet.h"

#include <dlfcn.h>

#include <string>

#include "base/late_library.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// By its bare name: the loader looks where this object finds peft_core, beside which it lies, be it in a
// build folder or an installation.
OpenParquet open_library() {
  return reinterpret_cast<OpenParquet>(
      open_late("libpeft_parquet.so", parquet_entry_point, "the library that reads Parquet files",
                "the Arrow that it was built with, at the same place: build or install again"));
}

OpenParquet library() {
  static const OpenParquet opened = open_library();
  return opened;
}

}  // namespace

bool parquet_supported() {
  return PEFT_WITH_PARQUET != 0;
}

std::string parquet_refusal(const std::filesystem::path& file) {
  return file.string() +
         ": found a Parquet file, and this program was built without Arrow, which reads them; build it where "
         "Arrow "
         "is found (PEFT_ARROW=FOLDER make build), or convert the file to .jsonl";
}

std::unique_ptr<RecordReader> make_parquet_reader(const std::filesystem::path& file,
                                                  const ReadOptions& options) {
  if (!parquet_supported()) throw UsageError(parquet_refusal(file));
  return std::unique_ptr<RecordReader>(library()(file, options));
}

std::filesystem::path parquet_library_file() {
  Dl_info found{};
  if (::dladdr(reinterpret_cast<const void*>(library()), &found) == 0) {
    throw Error("cannot tell where the library that reads Parquet files is");
  }
  return found.dli_fname;
}

}  // namespace peft::host
