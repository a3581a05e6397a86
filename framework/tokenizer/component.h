// One part of a tokenizer as tokenizer.json writes it: {"type": "Strip", "strip_left": true, …}.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "peft/value.h"

namespace peft::host {

// A reader of its keys. A key that is null counts as absent. Everything throws peft::Error without a file's
// name; whoever knows the file adds it. Holds a reference to the value.
class Component {
 public:
  // `stage`: "normalizer", "pre_tokenizer" …, for messages.
  Component(std::string_view stage, const Value& value);

  const std::string& type() const { return type_; }
  const std::string& stage() const { return stage_; }

  // Refuses other keys than these and "type": one that we do not know may change the ids.
  void only_keys(std::initializer_list<std::string_view> known) const;

  bool flag(std::string_view key, bool absent) const;
  std::int64_t integer(std::string_view key, std::int64_t absent) const;
  std::string text(std::string_view key, std::string_view absent) const;
  const Value* find(std::string_view key) const;  // null where absent
  const Value& at(std::string_view key) const;

  // Throws: "normalizer 'Nmt' found, expected one of …".
  [[noreturn]] void refuse_type(std::initializer_list<std::string_view> known) const;
  // Throws: "normalizer Strip.content is 'x', expected …".
  [[noreturn]] void refuse(std::string_view key, const std::string& found, const std::string& expected) const;

 private:
  std::string stage_;
  std::string type_;
  const Value& value_;
};

}  // namespace peft::host
