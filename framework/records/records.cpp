#include "records/records.h"

#include "peft/error.h"
#include "records/format.h"
#include "records/parquet.h"
#include "records/readers.h"

namespace peft::host {
namespace {

class FileSequence : public RecordReader {
 public:
  FileSequence(std::vector<std::filesystem::path> files, const ReadOptions& options)
      : files_(std::move(files)), options_(options) {}

  bool next(Value& row) override {
    for (;;) {
      if (current_ && current_->next(row)) {
        location_ = current_->location();
        return true;
      }
      if (current_) replaced_ += current_->replaced_characters();
      current_.reset();
      if (opened_ == files_.size()) return false;
      current_ = open_records(files_[opened_++], options_);
    }
  }

  Location location() const override { return location_; }
  size_t replaced_characters() const override {
    return replaced_ + (current_ ? current_->replaced_characters() : 0);
  }
  std::vector<std::string> skipped_columns() const override {
    return current_ ? current_->skipped_columns() : std::vector<std::string>();
  }

 private:
  std::vector<std::filesystem::path> files_;
  ReadOptions options_;
  size_t opened_ = 0;
  std::unique_ptr<RecordReader> current_;
  Location location_;
  size_t replaced_ = 0;  // in the files that are done
};

}  // namespace

BadRow::~BadRow() = default;

std::string Location::text() const {
  return line == 0 ? file + ": row " + std::to_string(row) : file + ":" + std::to_string(line);
}

std::unique_ptr<RecordReader> open_records(const std::filesystem::path& file, const ReadOptions& options) {
  const auto kind = file_kind(file);
  if (!kind)
    throw UsageError(file.string() + " is not a kind of data file that can be read: " + supported_kinds);
  if (kind->format == Format::parquet) return make_parquet_reader(file, options);
  TextInput input(file.string(), open_bytes(file, kind->gzipped), options.max_record_bytes);
  switch (kind->format) {
    case Format::jsonl: return make_jsonl_reader(std::move(input));
    case Format::json: return make_json_reader(std::move(input));
    case Format::csv: return make_delimited_reader(std::move(input), ',');
    case Format::tsv: return make_delimited_reader(std::move(input), '\t');
    default: return make_txt_reader(std::move(input), options.txt_rows);
  }
}

std::unique_ptr<RecordReader> open_records(std::vector<std::filesystem::path> files,
                                           const ReadOptions& options) {
  return std::make_unique<FileSequence>(std::move(files), options);
}

void for_each_row(const std::vector<std::filesystem::path>& files,
                  const std::function<void(Value& row, const Location& location)>& use,
                  const ReadOptions& options) {
  const auto reader = open_records(files, options);
  for (Value row; reader->next(row);) use(row, reader->location());
}

std::vector<Value> read_rows(const std::vector<std::filesystem::path>& files, const ReadOptions& options) {
  std::vector<Value> rows;
  for_each_row(
      files, [&](Value& row, const Location&) { rows.push_back(std::move(row)); }, options);
  return rows;
}

}  // namespace peft::host
