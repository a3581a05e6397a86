// One reader a format; `open_records` chooses.
#pragma once

#include <memory>

#include "records/records.h"
#include "records/text_input.h"

namespace peft::host {

// What the readers share: the text, the location of the last row, the count of replaced characters.
class TextRecordReader : public RecordReader {
 public:
  explicit TextRecordReader(TextInput input) : input_(std::move(input)) {}
  Location location() const override { return {input_.name(), line_, row_}; }
  size_t replaced_characters() const override { return replaced_; }

 protected:
  // A record starts at the input's next byte.
  void begin_row() {
    line_ = input_.line();
    input_.begin_record();
  }

  // Where the limit ended the last row, one line: goes to the next one.
  void leave_long_line() {
    if (!input_.is_in_long_record()) return;
    input_.leave_long_record([](char byte) { return byte == '\n'; });
    input_.skip('\n');
  }

  TextInput input_;
  size_t line_ = 0;
  size_t row_ = 0;
  size_t replaced_ = 0;
};

std::unique_ptr<RecordReader> make_jsonl_reader(TextInput input);
std::unique_ptr<RecordReader> make_json_reader(TextInput input);
std::unique_ptr<RecordReader> make_delimited_reader(TextInput input, char separator);
std::unique_ptr<RecordReader> make_txt_reader(TextInput input, TxtRows rows);

}  // namespace peft::host
