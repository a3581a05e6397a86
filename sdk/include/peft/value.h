// A plain value: what a row of a dataset, a model's configuration or an option is made of.
//
// The SDK shows no JSON or YAML library to plugins; the host converts both to `Value`. Maps keep the order in
// which their keys were read, so that what is written back looks like what was read.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace peft {

class Value {
 public:
  using List = std::vector<Value>;
  using Entry = std::pair<std::string, Value>;
  using Map = std::vector<Entry>;  // keys are unique; in the order they were read

  enum class Type { null, boolean, integer, number, text, list, map };

  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool value) : data_(value) {}
  Value(int value) : data_(static_cast<int64_t>(value)) {}
  Value(int64_t value) : data_(value) {}
  Value(double value) : data_(value) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(List value) : data_(std::move(value)) {}
  Value(Map value) : data_(std::move(value)) {}

  Type type() const { return static_cast<Type>(data_.index()); }
  bool is_null() const { return type() == Type::null; }
  bool is_text() const { return type() == Type::text; }
  bool is_list() const { return type() == Type::list; }
  bool is_map() const { return type() == Type::map; }
  bool is_integer() const { return type() == Type::integer; }
  bool is_boolean() const { return type() == Type::boolean; }
  bool is_numeric() const { return type() == Type::integer || type() == Type::number; }

  // Each throws `peft::Error` naming the type that was found. An integer reads as a number, never the
  // reverse.
  bool as_boolean() const;
  int64_t as_integer() const;
  double as_number() const;
  const std::string& as_text() const;
  const List& as_list() const;
  List& as_list();
  const Map& as_map() const;
  Map& as_map();

  // In a map: the value under `key`, or null (a pointer) where there is none. In anything else: null.
  const Value* find(std::string_view key) const;
  // In a map: the value under `key`; throws `peft::Error` naming the key and those present.
  const Value& at(std::string_view key) const;
  // In a map (a null value becomes one): replaces or appends.
  Value& set(std::string_view key, Value value);

  bool operator==(const Value& other) const = default;

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, List, Map> data_;
};

// "null", "boolean", "integer", "number", "text", "list", "map".
std::string_view type_name(Value::Type type);

}  // namespace peft
