#include "checkpoint/manifest.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "base/json.h"
#include "base/sha256.h"
#include "peft/error.h"

namespace peft::host {
namespace {

constexpr std::array element_types = {ElementType::float64,  ElementType::float32, ElementType::float16,
                                      ElementType::bfloat16, ElementType::int64,   ElementType::int32,
                                      ElementType::int16,    ElementType::int8,    ElementType::uint8,
                                      ElementType::boolean};

ElementType element_type_named(std::string_view text) {
  const auto found = std::find_if(element_types.begin(), element_types.end(),
                                  [&](ElementType type) { return name(type) == text; });
  if (found == element_types.end()) throw Error("unknown element type '" + std::string(text) + "'");
  return *found;
}

constexpr std::array<std::string_view, 3> forms = {"attribute", "text",
                                                   "json"};  // in the order of `StoredAs`

StoredAs form_named(std::string_view text) {
  const auto found = std::find(forms.begin(), forms.end(), text);
  if (found == forms.end()) throw Error("metadata stored as '" + std::string(text) + "', which is unknown");
  return static_cast<StoredAs>(found - forms.begin());
}

Value to_value(const TensorEntry& tensor) {
  return Value::Map{{"path", tensor.path},
                    {"type", name(tensor.type)},
                    {"shape", Value::List(tensor.shape.begin(), tensor.shape.end())},
                    {"sha256", tensor.sha256}};
}

TensorEntry tensor_entry(const Value& value) {
  TensorEntry entry{value.at("path").as_text(),
                    element_type_named(value.at("type").as_text()),
                    {},
                    value.at("sha256").as_text()};
  for (const Value& size : value.at("shape").as_list()) entry.shape.push_back(size.as_integer());
  return entry;
}

}  // namespace

Manifest manifest_of(const Checkpoint& checkpoint) {
  Manifest manifest;
  manifest.step = checkpoint.step;
  for (const TensorView& tensor : checkpoint.tensors) {
    Sha256 hash;
    hash.update(tensor.bytes.data(), tensor.bytes.size());
    manifest.tensors.push_back({tensor.name, tensor.type, tensor.shape, hash.finish()});
  }
  for (const auto& [key, value] : checkpoint.metadata.as_map()) {
    manifest.metadata.push_back({key, form_of(value), metadata_sha256(value)});
  }
  return manifest;
}

std::string manifest_text(const Manifest& manifest) {
  Value::List tensors;
  for (const TensorEntry& tensor : manifest.tensors) tensors.push_back(to_value(tensor));
  Value::List metadata;
  for (const MetadataEntry& entry : manifest.metadata) {
    metadata.push_back(Value::Map{{"key", entry.key},
                                  {"stored_as", forms[static_cast<size_t>(entry.stored_as)]},
                                  {"sha256", entry.sha256}});
  }
  return dump_json(Value::Map{
      {"step", manifest.step}, {"tensors", std::move(tensors)}, {"metadata", std::move(metadata)}});
}

Manifest parse_manifest(std::string_view text) {
  const Value value = parse_json(text, {.name = "manifest"});
  Manifest manifest;
  manifest.step = value.at("step").as_integer();
  for (const Value& tensor : value.at("tensors").as_list()) manifest.tensors.push_back(tensor_entry(tensor));
  for (const Value& entry : value.at("metadata").as_list()) {
    manifest.metadata.push_back({entry.at("key").as_text(), form_named(entry.at("stored_as").as_text()),
                                 entry.at("sha256").as_text()});
  }
  return manifest;
}

StoredAs form_of(const Value& value) {
  if (value.is_boolean() || value.is_numeric()) return StoredAs::attribute;
  if (value.is_text() && value.as_text().find('\0') == std::string::npos) return StoredAs::text;
  return StoredAs::json;
}

std::string metadata_sha256(const Value& value) {
  if (value.type() == Value::Type::number) {  // its bits, since JSON has no NaN
    return sha256("number " + std::to_string(std::bit_cast<uint64_t>(value.as_number())));
  }
  return form_of(value) == StoredAs::text ? sha256(value.as_text()) : sha256(dump_json(value));
}

}  // namespace peft::host
