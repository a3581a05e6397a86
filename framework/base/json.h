// JSON text to plain values and back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "peft/value.h"

namespace peft::host {

// Where a JSON text comes from, so that an error can point into the file it stands in.
struct JsonOrigin {
  std::string name = "JSON";  // a file's path
  size_t line = 1;            // of the text's first byte
  size_t column = 1;          // of the text's first byte; columns count bytes
};

// Deeper texts are refused: values are destroyed and compared recursively, so depth is stack.
inline constexpr size_t max_json_depth = 200;

// Reads one JSON value, with nothing but white space after it. The order of keys is kept. An integer beyond
// 64 bits becomes a number (a double). Throws `peft::Error` as `NAME:LINE:COL: error: …` on text that is not
// JSON, on NaN, Infinity and numbers beyond a double's range, on duplicate keys, on invalid UTF-8, and beyond
// `max_json_depth`.
Value parse_json(std::string_view text, const JsonOrigin& origin = {});

// `parse_json` of a whole file.
Value read_json_file(const std::string& path);

// One line where `indent` is 0, else a key or item a line. Numbers are the shortest decimals that read back
// as the same double, and never look like integers. NaN and infinities, which JSON lacks, become null: a
// diverging loss must not stop the log that shows it. Invalid UTF-8 becomes U+FFFD.
std::string dump_json(const Value& value, int indent = 0);

}  // namespace peft::host
