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
    read_header();
    for (auto column = columns_.begin(); column != columns_.end(); ++column) {
      if (std::find(columns_.begin(), column, *column) != column) {
        input_.fail(line_, "the header names the column '" + *column + "' twice; rename one of them");
      }
    }
  }

  bool next(Value& row) override {
    if (input_.is_in_long_record()) leave_long_record();
    ++row_;
    if (!read_record()) {
      --row_;
      return false;
    }
    if (fields_.size() != columns_.size()) refuse_ragged();
    Value::Map map;
    map.reserve(fields_.size());
    for (size_t i = 0; i < fields_.size(); ++i) map.emplace_back(columns_[i], std::move(fields_[i]));
    row = Value(std::move(map));
    return true;
  }

 private:
  void read_header() {
    try {
      if (!read_record()) {
        input_.fail(1, "the file is empty; a header row with the columns' names is expected");
      }
    } catch (const BadRow& problem) {  // without it there are no rows
      throw Error(problem.what());
    }
    columns_ = std::move(fields_);
  }

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
    quoted_from_ = input_.line();
    do {
      input_.take_until([](char byte) { return byte == '"'; }, field);
      close_quote();
    } while (input_.peek() == '"' && (field += '"', input_.skip('"')));
    quoted_from_ = 0;
    const int after = input_.peek();
    if (after == separator_ || after == '\n' || after == '\r' || after == TextInput::end_of_text) return;
    const bool shown = after > ' ' && after < 0x7f;  // one byte of a longer character is no text
    const std::string found = shown ? std::string("'") + static_cast<char>(after) + "'" : "text";
    input_.fail(input_.line(),
                found + " after a closing quote, in " + this_row() +
                    "; a separator or the line's end is expected (a quote within a field is doubled)");
  }

  void close_quote() {
    if (input_.skip('"')) return;
    input_.fail(quoted_from_, "the quote that opens here, in " + this_row() +
                                  ", is never closed; close it, or double it within quotes where it is a "
                                  "character");
  }

  // Behind the record that the limit ended: its fields are read on and not kept.
  void leave_long_record() {
    do {
      while (quoted_from_ > 0) {
        input_.leave_long_record([](char byte) { return byte == '"'; });
        close_quote();
        if (!input_.skip('"')) quoted_from_ = 0;  // a doubled one is a character
      }
      input_.leave_long_record(
          [this](char byte) { return byte == separator_ || byte == '\n' || byte == '\r'; });
      if (!input_.skip(separator_)) break;
      if (input_.skip('"')) quoted_from_ = input_.line();
    } while (true);
    end_line();
    fields_ = {};
  }

  // Of the record being read.
  std::string this_row() const { return columns_.empty() ? "the header" : "row " + std::to_string(row_); }

  [[noreturn]] void refuse_ragged() const {
    std::string names;
    for (const std::string& column : columns_) names += (names.empty() ? "" : ", ") + column;
    input_.refuse_row(line_, "row " + std::to_string(row_) + " has " + std::to_string(fields_.size()) +
                                 " field(s); the header has " + std::to_string(columns_.size()) + ": " +
                                 names + "; quote a field that holds a separator or a line's end");
  }

  char separator_;
  std::vector<std::string> columns_;
  std::vector<std::string> fields_;  // of one record
  size_t quoted_from_ = 0;           // the line where the field that is being read was quoted, or 0
};

}  // namespace

std::unique_ptr<RecordReader> make_delimited_reader(TextInput input, char separator) {
  return std::make_unique<DelimitedReader>(std::move(input), separator);
}

}  // namespace peft::host
