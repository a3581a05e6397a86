#include "peft/value.h"

#include "peft/error.h"

namespace peft {
namespace {

[[noreturn]] void wrong_type(std::string_view expected, Value::Type found) {
  throw Error("expected " + std::string(expected) + ", found " + std::string(type_name(found)));
}

}  // namespace

std::string_view type_name(Value::Type type) {
  switch (type) {
    case Value::Type::null: return "null";
    case Value::Type::boolean: return "boolean";
    case Value::Type::integer: return "integer";
    case Value::Type::number: return "number";
    case Value::Type::text: return "text";
    case Value::Type::list: return "list";
    case Value::Type::map: return "map";
  }
  return "unknown";
}

bool Value::as_boolean() const {
  if (const bool* value = std::get_if<bool>(&data_)) return *value;
  wrong_type("a boolean", type());
}

int64_t Value::as_integer() const {
  if (const int64_t* value = std::get_if<int64_t>(&data_)) return *value;
  wrong_type("an integer", type());
}

double Value::as_number() const {
  if (const double* value = std::get_if<double>(&data_)) return *value;
  if (const int64_t* value = std::get_if<int64_t>(&data_)) return static_cast<double>(*value);
  wrong_type("a number", type());
}

const std::string& Value::as_text() const {
  if (const std::string* value = std::get_if<std::string>(&data_)) return *value;
  wrong_type("text", type());
}

const Value::List& Value::as_list() const {
  if (const List* value = std::get_if<List>(&data_)) return *value;
  wrong_type("a list", type());
}

Value::List& Value::as_list() {
  return const_cast<List&>(std::as_const(*this).as_list());
}

const Value::Map& Value::as_map() const {
  if (const Map* value = std::get_if<Map>(&data_)) return *value;
  wrong_type("a map", type());
}

Value::Map& Value::as_map() {
  return const_cast<Map&>(std::as_const(*this).as_map());
}

const Value* Value::find(std::string_view key) const {
  const Map* map = std::get_if<Map>(&data_);
  if (map == nullptr) return nullptr;
  for (const Entry& entry : *map) {
    if (entry.first == key) return &entry.second;
  }
  return nullptr;
}

const Value& Value::at(std::string_view key) const {
  if (const Value* value = find(key)) return *value;
  std::string present;
  for (const Entry& entry : as_map()) present += (present.empty() ? "" : ", ") + entry.first;
  throw Error("expected the key '" + std::string(key) + "', found only: " + present);
}

Value& Value::set(std::string_view key, Value value) {
  if (is_null()) data_ = Map{};
  for (Entry& entry : as_map()) {
    if (entry.first == key) return entry.second = std::move(value);
  }
  return as_map().emplace_back(std::string(key), std::move(value)).second;
}

}  // namespace peft
