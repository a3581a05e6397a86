#include "tokenizer/component.h"

#include <algorithm>

#include "peft/error.h"

namespace peft::host {
namespace {

std::string in_words(std::initializer_list<std::string_view> names) {
  std::string words;
  for (const std::string_view name : names) words.append(words.empty() ? "" : ", ").append(name);
  return words;
}

}  // namespace

Component::Component(std::string_view stage, const Value& value)
    : stage_(stage), type_(value.at("type").as_text()), value_(value) {}

void Component::only_keys(std::initializer_list<std::string_view> known) const {
  for (const auto& [key, value] : value_.as_map()) {
    if (key == "type" || std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw Error("unknown key '" + key + "' in " + stage_ + " " + type_ + ", expected " +
                (known.size() == 0 ? "none" : in_words(known)) +
                "; it may change the ids, so take a tokenizer without it");
  }
}

const Value* Component::find(std::string_view key) const {
  const Value* found = value_.find(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

const Value& Component::at(std::string_view key) const {
  if (const Value* found = find(key)) return *found;
  throw Error(stage_ + " " + type_ + " has no '" + std::string(key) +
              "', expected it as the tokenizers library writes it; fetch the file again");
}

bool Component::flag(std::string_view key, bool absent) const {
  const Value* found = find(key);
  return found == nullptr ? absent : found->as_boolean();
}

std::int64_t Component::integer(std::string_view key, std::int64_t absent) const {
  const Value* found = find(key);
  return found == nullptr ? absent : found->as_integer();
}

std::string Component::text(std::string_view key, std::string_view absent) const {
  const Value* found = find(key);
  return found == nullptr ? std::string(absent) : found->as_text();
}

void Component::refuse_type(std::initializer_list<std::string_view> known) const {
  throw Error(stage_ + " '" + type_ + "' found, expected one of " + in_words(known) +
              "; take a tokenizer that is made of these");
}

void Component::refuse(std::string_view key, const std::string& found, const std::string& expected) const {
  throw Error(stage_ + " " + type_ + ": '" + std::string(key) + "' is " + found + ", expected " + expected +
              "; take a tokenizer without it");
}

}  // namespace peft::host
