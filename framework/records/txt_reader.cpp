#include "base/utf8.h"
#include "peft/error.h"
#include "records/readers.h"

namespace peft::host {
namespace {

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string::npos;
}

class TxtReader : public TextRecordReader {
 public:
  TxtReader(TextInput input, TxtRows rows) : TextRecordReader(std::move(input)), rows_(rows) {}

  bool next(Value& row) override {
    std::string text;
    leave_long_line();
    try {
      if (!take(text)) return false;
    } catch (const BadRow& problem) {
      if (rows_ == TxtRows::lines) throw;
      throw Error(problem.what());  // nobody knows what the lines behind belong to
    }
    ++row_;
    replaced_ += replace_invalid_utf8(text);
    row = Value(Value::Map{{"text", Value(std::move(text))}});
    return true;
  }

 private:
  bool take(std::string& text) {
    if (rows_ == TxtRows::file) {
      begin_row();
      input_.take_until([](char) { return false; }, text);
      return !is_blank(text);
    }
    do {
      begin_row();
      if (!input_.read_line(text)) return false;
    } while (is_blank(text));
    if (rows_ == TxtRows::lines) return true;
    for (std::string line; input_.read_line(line) && !is_blank(line);) text.append(1, '\n').append(line);
    return true;
  }

  TxtRows rows_;
};

}  // namespace

std::unique_ptr<RecordReader> make_txt_reader(TextInput input, TxtRows rows) {
  return std::make_unique<TxtReader>(std::move(input), rows);
}

}  // namespace peft::host
