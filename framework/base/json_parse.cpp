#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/files.h"
#include "base/json.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// Tells how far nlohmann's lexer has read: its SAX events carry no position.
class TrackedByte {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackedByte(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  TrackedByte& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  bool operator==(const TrackedByte& other) const { return at_ == other.at_; }
  bool operator!=(const TrackedByte& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

// The name of nlohmann's exception and its own position are noise: "[json.exception.parse_error.101] parse
// error at line 1, column 5: syntax error while …" becomes "syntax error while …".
std::string plain_reason(std::string_view what) {
  const size_t prefix = what.find(": ");
  if (what.starts_with("[json.exception.parse_error") && prefix != std::string_view::npos) {
    return std::string(what.substr(prefix + 2));
  }
  const size_t bracket = what.find("] ");
  return std::string(bracket == std::string_view::npos ? what : what.substr(bracket + 2));
}

class ValueBuilder {
 public:
  ValueBuilder(std::string_view text, const JsonOrigin& origin)
      : text_(text), origin_(origin), reached_(text.data()) {}

  Value build() {
    const char* end = text_.data() + text_.size();
    nlohmann::json::sax_parse(TrackedByte(text_.data(), &reached_), TrackedByte(end, &reached_), this);
    return std::move(root_);
  }

  // The events of nlohmann's SAX interface.
  bool null() { return add(Value()); }
  bool boolean(bool value) { return add(Value(value)); }
  bool number_integer(int64_t value) { return add(Value(value)); }
  bool number_unsigned(uint64_t value) {
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return add(Value(static_cast<double>(value)));
    }
    return add(Value(static_cast<int64_t>(value)));
  }
  bool number_float(double value, const std::string&) { return add(Value(value)); }
  bool string(std::string& value) { return add(Value(std::move(value))); }
  bool binary(std::vector<uint8_t>&) { return false; }  // not in JSON text

  bool start_object(size_t) { return open(Value(Value::Map())); }
  bool start_array(size_t) { return open(Value(Value::List())); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    Container& container = open_.back();
    if (holds(container, name)) fail("the key '" + name + "' stands twice in one object; keep one of them");
    if (!container.keys.empty() || container.value.as_map().size() >= few_keys) container.keys.insert(name);
    container.key = std::move(name);
    return true;
  }

  // `position` counts the bytes up to the wrong one; a number's end has been looked beyond by one.
  bool parse_error(size_t position, const std::string&, const std::exception& problem) {
    reached_ = text_.data() + std::min(position, text_.size());
    fail("not valid JSON: " + plain_reason(problem.what()));
  }

 private:
  struct Container {
    Value value;
    std::string key;                       // of the entry being read
    std::unordered_set<std::string> keys;  // all keys, once there are more than a few
  };
  static constexpr size_t few_keys = 32;

  // A search of the map is quickest for a row's few columns; a vocabulary's 50,000 keys need the set.
  static bool holds(Container& container, const std::string& name) {
    const Value::Map& map = container.value.as_map();
    if (map.size() < few_keys) return container.value.find(name) != nullptr;
    if (container.keys.empty()) {
      for (const auto& [key, value] : map) container.keys.insert(key);
    }
    return container.keys.contains(name);
  }

  bool add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Container& parent = open_.back(); parent.value.is_map()) {
      parent.value.as_map().emplace_back(std::move(parent.key), std::move(value));
    } else {
      parent.value.as_list().push_back(std::move(value));
    }
    return true;
  }

  bool open(Value empty) {
    if (open_.size() >= max_json_depth) {
      fail("nested deeper than " + std::to_string(max_json_depth) + " levels, the limit; flatten the data");
    }
    open_.push_back({std::move(empty), {}, {}});
    return true;
  }

  bool close() {
    Value done = std::move(open_.back().value);
    open_.pop_back();
    return add(std::move(done));
  }

  // Points at the last byte read.
  [[noreturn]] void fail(const std::string& message) const {
    size_t line = origin_.line;
    size_t column = origin_.column;
    for (const char* at = text_.data(); at + 1 < reached_; ++at) {
      const bool new_line = *at == '\n';
      line += new_line ? 1 : 0;
      column = new_line ? 1 : column + 1;
    }
    throw Error(origin_.name + ":" + std::to_string(line) + ":" + std::to_string(column) +
                ": error: " + message);
  }

  std::string_view text_;
  const JsonOrigin& origin_;
  const char* reached_;
  Value root_;
  std::vector<Container> open_;
};

}  // namespace

Value parse_json(std::string_view text, const JsonOrigin& origin) {
  return ValueBuilder(text, origin).build();
}

Value read_json_file(const std::string& path) {
  return parse_json(read_file(path), {.name = path});
}

}  // namespace peft::host
