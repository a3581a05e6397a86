#include "parquet/arrow_value.h"

#include <arrow/array.h>
#include <arrow/extension_type.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/util/float16.h>

#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "peft/error.h"

namespace peft::host {
namespace {

template <class Array>
const Array& as(const arrow::Array& array) {
  return static_cast<const Array&>(array);
}

Value unsigned_integer(uint64_t value) {
  const bool fits = value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  return fits ? Value(static_cast<int64_t>(value)) : Value(static_cast<double>(value));
}

Value decimal(const std::string& digits) {
  const char* end = digits.data() + digits.size();
  int64_t integer = 0;
  const auto whole = std::from_chars(digits.data(), end, integer);
  if (whole.ec == std::errc() && whole.ptr == end) return integer;
  double number = 0;
  std::from_chars(digits.data(), end, number);
  return number;
}

// Arrow writes "2023-05-05 12:30:00.250Z".
Value date_or_time(const arrow::Array& array, int64_t index) {
  const auto scalar = array.GetScalar(index);
  if (!scalar.ok()) throw Error(scalar.status().message());
  std::string text = (*scalar)->ToString();
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  return text;
}

}  // namespace

template <class ListArray>
Value ArrowValues::list(const ListArray& array, int64_t index) {
  Value::List elements;
  const int64_t begin = array.value_offset(index);
  const int64_t count = array.value_length(index);
  elements.reserve(static_cast<size_t>(count));
  for (int64_t i = begin; i < begin + count; ++i) elements.push_back(read(*array.values(), i));
  return elements;
}

Value ArrowValues::map(const arrow::MapArray& array, int64_t index) {
  const arrow::Type::type key_type = array.keys()->type_id();
  const bool named = key_type == arrow::Type::STRING || key_type == arrow::Type::LARGE_STRING;
  Value entries = Value::Map();
  Value::List pairs;
  const int64_t begin = array.value_offset(index);
  for (int64_t i = begin; i < begin + array.value_length(index); ++i) {
    Value key = read(*array.keys(), i);
    Value item = read(*array.items(), i);
    if (named) {
      entries.set(key.as_text(), std::move(item));
    } else {
      pairs.push_back(Value::Map{{"key", std::move(key)}, {"value", std::move(item)}});
    }
  }
  return named ? std::move(entries) : Value(std::move(pairs));
}

Value ArrowValues::structure(const arrow::StructArray& array, int64_t index) {
  Value::Map fields;
  fields.reserve(static_cast<size_t>(array.num_fields()));
  for (int i = 0; i < array.num_fields(); ++i) {
    fields.emplace_back(array.struct_type()->field(i)->name(), read(*array.field(i), index));
  }
  return fields;
}

template <class TextArray>
Value ArrowValues::text(const TextArray& array, int64_t index) {
  std::string text(array.GetView(index));
  replaced_ += replace_invalid_utf8(text);
  return text;
}

Value ArrowValues::read(const arrow::Array& array, int64_t index) {
  using arrow::Type;
  if (array.IsNull(index)) return {};
  switch (array.type_id()) {
    case Type::NA: return {};
    case Type::BOOL: return as<arrow::BooleanArray>(array).Value(index);
    case Type::INT8: return int64_t{as<arrow::Int8Array>(array).Value(index)};
    case Type::INT16: return int64_t{as<arrow::Int16Array>(array).Value(index)};
    case Type::INT32: return int64_t{as<arrow::Int32Array>(array).Value(index)};
    case Type::INT64: return as<arrow::Int64Array>(array).Value(index);
    case Type::UINT8: return int64_t{as<arrow::UInt8Array>(array).Value(index)};
    case Type::UINT16: return int64_t{as<arrow::UInt16Array>(array).Value(index)};
    case Type::UINT32: return int64_t{as<arrow::UInt32Array>(array).Value(index)};
    case Type::UINT64: return unsigned_integer(as<arrow::UInt64Array>(array).Value(index));
    case Type::HALF_FLOAT:
      return arrow::util::Float16::FromBits(as<arrow::HalfFloatArray>(array).Value(index)).ToDouble();
    case Type::FLOAT: return double{as<arrow::FloatArray>(array).Value(index)};
    case Type::DOUBLE: return as<arrow::DoubleArray>(array).Value(index);
    case Type::DECIMAL128: return decimal(as<arrow::Decimal128Array>(array).FormatValue(index));
    case Type::DECIMAL256: return decimal(as<arrow::Decimal256Array>(array).FormatValue(index));
    case Type::STRING: return text(as<arrow::StringArray>(array), index);
    case Type::LARGE_STRING: return text(as<arrow::LargeStringArray>(array), index);
    case Type::STRING_VIEW: return text(as<arrow::StringViewArray>(array), index);
    case Type::BINARY: return text(as<arrow::BinaryArray>(array), index);
    case Type::LARGE_BINARY: return text(as<arrow::LargeBinaryArray>(array), index);
    case Type::BINARY_VIEW: return text(as<arrow::BinaryViewArray>(array), index);
    case Type::FIXED_SIZE_BINARY: return text(as<arrow::FixedSizeBinaryArray>(array), index);
    case Type::DATE32:
    case Type::DATE64:
    case Type::TIME32:
    case Type::TIME64:
    case Type::TIMESTAMP: return date_or_time(array, index);
    case Type::DURATION: return as<arrow::DurationArray>(array).Value(index);
    case Type::LIST: return list(as<arrow::ListArray>(array), index);
    case Type::LARGE_LIST: return list(as<arrow::LargeListArray>(array), index);
    case Type::FIXED_SIZE_LIST: return list(as<arrow::FixedSizeListArray>(array), index);
    case Type::LIST_VIEW: return list(as<arrow::ListViewArray>(array), index);
    case Type::LARGE_LIST_VIEW: return list(as<arrow::LargeListViewArray>(array), index);
    case Type::MAP: return map(as<arrow::MapArray>(array), index);
    case Type::STRUCT: return structure(as<arrow::StructArray>(array), index);
    case Type::DICTIONARY: {
      const auto& coded = as<arrow::DictionaryArray>(array);
      return read(*coded.dictionary(), coded.GetValueIndex(index));
    }
    case Type::EXTENSION: return read(*as<arrow::ExtensionArray>(array).storage(), index);
    default:
      throw Error("found the type " + array.type()->ToString() +
                  ", expected numbers, text, dates, lists, structs or maps; leave the column out");
  }
}

}  // namespace peft::host
