// Rows of plain values, streamed from data files: .jsonl .json .csv .tsv .txt, each also .gz, and .parquet.
//
// Every row is a map. In all formats:
// - Text is UTF-8. Malformed bytes become U+FFFD as in Python's decode("utf-8", "replace"), and are counted.
// A byte order
//   mark of UTF-8 is dropped; files in UTF-16 or UTF-32 are refused by name, and so is a NUL byte, the mark
//   of a binary file or of UTF-16 without its mark. (JSON's \u0000 is a character like any other.)
// - A record longer than `max_record_bytes` is refused: where a quote or a line end is missing, it would be
// the file.
// - Damage of any kind throws `peft::Error` as `FILE:LINE: error: …` (with a column where JSON is at fault; a
//   Parquet file has no lines, but row groups and columns).
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "peft/error.h"
#include "peft/value.h"

namespace peft::host {

// What one row of a .txt file is. Rows are {text: …}; text that is only white space makes no row.
enum class TxtRows {
  lines,       // one line, without its end
  paragraphs,  // lines up to the next blank one, joined by "\n"
  file,        // all of it, as it stands
};

struct ReadOptions {
  TxtRows txt_rows = TxtRows::lines;
  size_t max_record_bytes = size_t{64} << 20;  // far above any document, far below memory
  // Those that are wanted, where not all are. A Parquet file's others are not read; the other formats pay for
  // a column whether it is used or not, and give it.
  std::optional<std::vector<std::string>> columns = std::nullopt;
};

// Of a row, for messages.
struct Location {
  std::string file;
  size_t line = 0;  // where the row starts, from 1; 0 in a file without lines
  size_t row = 0;   // in this file, from 1; headers and blank lines do not count

  std::string text() const;  // "data/a.jsonl:17", "data/a.parquet: row 17"
};

// Of a row that is damaged and ends at a place that is known: reading goes on behind it with `next`.
class BadRow : public Error {
 public:
  using Error::Error;
  ~BadRow() override;
};

// Reads a file from its beginning to its end, in memory for one row. Not for several threads at once.
class RecordReader {
 public:
  virtual ~RecordReader() = default;

  // Puts the next row, a map, into `row`. False at the end, then and ever after. Throws `peft::Error` for
  // damage: `BadRow` for a line of a .jsonl file that is no object, a row of a .csv or .tsv file with another
  // number of fields, an element of a .json file that is no object, and in a .jsonl, .csv, .tsv or .txt file
  // a record over the limit. Behind anything else (a quote that never closes, say) nobody knows where the
  // next row begins.
  virtual bool next(Value& row) = 0;
  // Of the row read last.
  virtual Location location() const = 0;
  // Malformed UTF-8 sequences replaced so far.
  virtual size_t replaced_characters() const = 0;
  // Columns of the file that are not in its rows because they were not wanted.
  virtual std::vector<std::string> skipped_columns() const { return {}; }
};

// By the file's extension, whose case does not matter:
// - .jsonl: an object a line; blank lines are skipped.
// - .json: an array of objects, or objects one after another (one a line, or each over many lines).
// - .csv, .tsv: RFC 4180. A header row, then as many fields in every row; quoted fields may hold separators
// and line
//   ends, a doubled quote is a quote; lines end in LF, CRLF or CR; blank lines are skipped. Every value is
//   text: "001" and "NA" stay as they are. A quote inside an unquoted field is a character; spaces around
//   fields are kept.
// - .txt: see `TxtRows`.
// - .parquet: nested columns too, as parquet/arrow_value.h says; in memory for a few pages of each column.
// Not
//   gzipped: Parquet packs its own pages. `max_record_bytes` means nothing here.
// Throws `peft::UsageError` for other extensions.
std::unique_ptr<RecordReader> open_records(const std::filesystem::path& file,
                                           const ReadOptions& options = {});

// One file after the other, each opened when its turn comes.
std::unique_ptr<RecordReader> open_records(std::vector<std::filesystem::path> files,
                                           const ReadOptions& options = {});

// Calls `use` with each row, which it may move from.
void for_each_row(const std::vector<std::filesystem::path>& files,
                  const std::function<void(Value& row, const Location& location)>& use,
                  const ReadOptions& options = {});

// For what is known to be small.
std::vector<Value> read_rows(const std::vector<std::filesystem::path>& files,
                             const ReadOptions& options = {});

}  // namespace peft::host
