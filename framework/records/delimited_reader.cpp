// CSV and TSV after RFC 4180.
//
// Written here rather than with libcsv: its strict mode refuses, with one and the same flag, text behind a
// closing quote (damage) and a quote within an unquoted field (which real TSV files hold and every other
// reader takes as it is); it tells neither line nor the place where an unclosed quote opened; and its fields
// have no limit.
#include <algorithm>

#include "base/utf8.h"
#include "peft/error.h"
#include "records/readers.h"

namespace peft::host {
namespace {

class DelimitedReader : public TextRecordReader {
 public:
  DelimitedReader(TextInput input, char separator)
      : TextRecordReader(std::move(input)), separator_(separator) {
    if (!read_record()) {
      input_.fail(1, "the file is empty; a header row with the columns' names is expected");
    }
    columns_ = std::move(fields_);
    for (auto column = columns_.begin(); column != columns_.end(); ++column) {
      if (std::find(columns_.begin(), column, *column) != column) {
        input_.fail(line_, "the header names the column '" + *column + "' twice; rename one of them");
      }
    }
  }

  bool next(Value& row) override {
    if (!read_record()) return false;
    ++row_;
    if (fields_.size() != columns_.size()) refuse_ragged();
    Value::Map map;
    map.reserve(fields_.size());
    for (size_t i = 0; i < fields_.size(); ++i) map.emplace_back(columns_[i], std::move(fields_[i]));
    row = Value(std::move(map));
    return true;
  }

 private:
  // Into `fields_`; false at the end of the text.
  bool read_record() {
    do begin_row();
    while (end_line());
    if (input_.peek() == TextInput::end_of_text) return false;
    fields_.clear();
    do {
      std::string& field = fields_.emplace_back();
      if (input_.skip('"')) {
        take_quoted(field);
      } else {
        input_.take_until([this](char byte) { return byte == separator_ || byte == '\n' || byte == '\r'; },
                          field);
      }
      replaced_ += replace_invalid_utf8(field);
    } while (input_.skip(separator_));
    end_line();
    return true;
  }

  bool end_line() {
    const bool carriage_return = input_.skip('\r');
    return input_.skip('\n') || carriage_return;
  }

  // Behind the opening quote; up to the separator or line end behind the closing one.
  void take_quoted(std::string& field) {
    const size_t opened = input_.line();
    do {
      input_.take_until([](char byte) { return byte == '"'; }, field);
      if (!input_.skip('"')) {
        input_.fail(opened, "the quote that opens here, in " + this_row() + ", is never closed");
      }
    } while (input_.peek() == '"' && (field += '"', input_.skip('"')));
    const int after = input_.peek();
    if (after == separator_ || after == '\n' || after == '\r' || after == TextInput::end_of_text) return;
    const bool shown = after > ' ' && after < 0x7f;  // one byte of a longer character is no text
    const std::string found = shown ? std::string("'") + static_cast<char>(after) + "'" : "text";
    input_.fail(input_.line(),
                found + " after a closing quote, in " + this_row() +
                    "; a separator or the line's end is expected (a quote within a field is doubled)");
  }

  // Of the record being read.
  std::string this_row() const { return columns_.empty() ? "the header" : "row " + std::to_string(row_ + 1); }

  [[noreturn]] void refuse_ragged() const {
    std::string names;
    for (const std::string& column : columns_) names += (names.empty() ? "" : ", ") + column;
    input_.fail(line_, "row " + std::to_string(row_) + " has " + std::to_string(fields_.size()) +
                           " field(s); the header has " + std::to_string(columns_.size()) + ": " + names);
  }

  char separator_;
  std::vector<std::string> columns_;
  std::vector<std::string> fields_;  // of one record
};

}  // namespace

std::unique_ptr<RecordReader> make_delimited_reader(TextInput input, char separator) {
  return std::make_unique<DelimitedReader>(std::move(input), separator);
}

}  // namespace peft::host
