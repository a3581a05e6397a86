#include "base/json.h"
#include "base/utf8.h"
#include "peft/error.h"
#include "records/readers.h"

namespace peft::host {
namespace {

constexpr size_t usual_bytes = size_t{1} << 20;  // beyond these a long line's memory is not kept

class JsonlReader : public TextRecordReader {
 public:
  using TextRecordReader::TextRecordReader;

  bool next(Value& row) override {
    leave_long_line();
    text_.clear();
    if (text_.capacity() > usual_bytes) text_.shrink_to_fit();
    do {
      begin_row();
      if (!input_.read_line(text_)) return false;
    } while (text_.find_first_not_of(" \t\r") == std::string::npos);
    ++row_;
    replaced_ += replace_invalid_utf8(text_);
    try {
      row = parse_json(text_, {.name = input_.name(), .line = line_});
    } catch (const Error& problem) {
      throw BadRow(problem.what());
    }
    if (!row.is_map()) {
      input_.refuse_row(line_,
                        "row " + std::to_string(row_) + ": found " + std::string(type_name(row.type())) +
                            ", expected an object a line (an array of objects belongs into a .json file)");
    }
    return true;
  }

 private:
  std::string text_;
};

}  // namespace

std::unique_ptr<RecordReader> make_jsonl_reader(TextInput input) {
  return std::make_unique<JsonlReader>(std::move(input));
}

}  // namespace peft::host
