#include "base/json.h"
#include "base/utf8.h"
#include "peft/error.h"
#include "records/readers.h"

namespace peft::host {
namespace {

bool is_space(int byte) {
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

// Cuts the text into its elements by counting brackets, so that an array larger than memory can be read, and
// leaves everything else about JSON to the parser.
class JsonReader : public TextRecordReader {
 public:
  explicit JsonReader(TextInput input) : TextRecordReader(std::move(input)) {
    in_array_ = skip_space() == '[';
    if (in_array_) input_.get();
  }

  bool next(Value& row) override {
    if (at_end_ || !find_element()) {
      at_end_ = true;
      return false;
    }
    begin_row();
    ++row_;
    const size_t column = input_.column();
    text_.clear();
    try {
      take_element();
    } catch (const BadRow& problem) {  // where a long element ends, only its brackets would tell
      throw Error(problem.what());
    }
    replaced_ += replace_invalid_utf8(text_);
    row = parse_json(text_, {.name = input_.name(), .line = line_, .column = column});
    if (!row.is_map()) {
      input_.refuse_row(line_, "row " + std::to_string(row_) + ": found " +
                                   std::string(type_name(row.type())) + ", expected an object");
    }
    return true;
  }

 private:
  int skip_space() {
    while (is_space(input_.peek())) {
      input_.begin_record();  // white space belongs to no record
      input_.get();
    }
    return input_.peek();
  }

  // Moves to the next element's first byte.
  bool find_element() {
    int byte = skip_space();
    if (!in_array_) return byte != TextInput::end_of_text;
    if (byte == ']') return end_array();
    if (row_ > 0 && byte == ',') {
      input_.get();
      byte = skip_space();
      if (byte == ']') input_.fail(input_.line(), "a comma before the array's end; remove it");
    } else if (row_ > 0 && byte != TextInput::end_of_text) {
      input_.fail(input_.line(), "expected ',' or ']' after row " + std::to_string(row_));
    }
    if (byte == TextInput::end_of_text) {
      input_.fail(input_.line(), "the text ends after row " + std::to_string(row_) +
                                     " without the array's ']'; is the file truncated?");
    }
    return true;
  }

  bool end_array() {
    input_.get();
    if (skip_space() != TextInput::end_of_text) {
      input_.fail(input_.line(),
                  "text after the array's end; one array, or objects without one, are expected");
    }
    return false;
  }

  void take_element() {
    size_t depth = 0;
    do {
      input_.take_until([](char byte) { return is_space(byte) || is_structural(byte); }, text_);
      const int byte = input_.peek();
      if (byte == TextInput::end_of_text) return;  // the parser tells what is missing
      if (depth == 0 && (byte == ',' || byte == ']' || byte == '}' || is_space(byte))) {
        if (text_.empty())
          text_ += static_cast<char>(input_.get());  // nothing there: for the parser to refuse
        return;
      }
      text_ += static_cast<char>(input_.get());
      if (byte == '"') take_rest_of_string();
      if (byte == '{' || byte == '[') ++depth;
      if (byte == '}' || byte == ']') --depth;
    } while (depth > 0);
  }

  static bool is_structural(char byte) {
    return byte == '"' || byte == '{' || byte == '}' || byte == '[' || byte == ']' || byte == ',';
  }

  void take_rest_of_string() {
    for (;;) {
      input_.take_until([](char byte) { return byte == '"' || byte == '\\'; }, text_);
      const int byte = input_.get();
      if (byte == TextInput::end_of_text) return;
      text_ += static_cast<char>(byte);
      if (byte == '"') return;
      if (const int escaped = input_.get(); escaped != TextInput::end_of_text)
        text_ += static_cast<char>(escaped);
    }
  }

  bool in_array_ = false;
  bool at_end_ = false;
  std::string text_;  // of one element
};

}  // namespace

std::unique_ptr<RecordReader> make_json_reader(TextInput input) {
  return std::make_unique<JsonReader>(std::move(input));
}

}  // namespace peft::host
