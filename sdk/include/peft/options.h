// What can be set on a plugin, stated once: name, type, default, range or choices, one line of documentation.
//
// A plugin binds each option to a member of its own options struct. The same table feeds the parsing of
// recipes, `plugins describe`, the generated reference and the resolved recipe:
//
//     struct LoraOptions {
//       int64_t rank = 8;
//       double dropout = 0.0;
//       std::vector<std::string> targets = {"attn.qkv"};
//     };
//     Options<LoraOptions> lora_options() {
//       Options<LoraOptions> options;
//       options.add("rank", &LoraOptions::rank, "rank of the update", at_least(1));
//       options.add("dropout", &LoraOptions::dropout, "share of inputs dropped in training", between(0, 1));
//       options.add("targets", &LoraOptions::targets, "roles or globs of linear sites");
//       return options;
//     }
//
// Defaults are those of a default-constructed struct; a `std::optional` member has none and may be left out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "peft/value.h"

namespace peft {

enum class OptionType {
  boolean,
  integer,
  number,  // integers are accepted and become numbers
  text,
  path,        // text; a relative path is resolved against the recipe's folder by the host
  text_list,   // a single text is accepted as a list of one
  number_map,  // text -> number
  text_map,    // text -> text
};

// "boolean", "integer", … as they appear in messages and in the reference.
std::string_view option_type_name(OptionType type);

// The numbers an option accepts; open ends are absent.
struct Range {
  std::optional<double> minimum;
  std::optional<double> maximum;
  bool above_minimum = false;  // the minimum itself is refused
  bool below_maximum = false;  // the maximum itself is refused

  bool contains(double value) const;
  std::string describe() const;  // "at least 1", "between 0 and 1 (1 excluded)"; empty for any number
};
inline Range at_least(double minimum) {
  return {minimum, {}, false, false};
}
inline Range above(double minimum) {
  return {minimum, {}, true, false};
}
inline Range between(double minimum, double maximum) {
  return {minimum, maximum, false, false};
}
inline Range from_up_to_below(double minimum, double maximum) {
  return {minimum, maximum, false, true};
}

struct OptionSpec {
  std::string name;
  OptionType type = OptionType::text;
  Value default_value;               // null where there is none
  bool required = false;             // must be written in the recipe
  Range range;                       // of an integer or a number
  std::vector<std::string> choices;  // of a text (or of a text list's items); empty: any
  std::string doc;

  // The value as this option's type, or the reason why not, in `problem`: "found 'x', expected an integer at
  // least 1".
  std::optional<Value> convert(const Value& found, std::string& problem) const;
};

using OptionTable = std::vector<OptionSpec>;

// For a plugin that converts options outside a recipe (a model's config.json): every option of the table with
// the value found in `values` or its default. Unknown keys are left alone. Throws `peft::UsageError` listing
// every mistake.
Value resolve_known_options(const OptionTable& table, const Value& values, std::string_view where);

template <class Struct>
class Options {
 public:
  template <class Member>
  Options& add(std::string name, Member Struct::*member, std::string doc, Range range = {}) {
    OptionSpec spec = describe(std::move(name), member, std::move(doc));
    spec.range = range;
    return bind(std::move(spec), member);
  }

  // A text with a fixed set of values.
  Options& add(std::string name, std::string Struct::*member, std::string doc,
               std::vector<std::string> choices) {
    OptionSpec spec = describe(std::move(name), member, std::move(doc));
    spec.choices = std::move(choices);
    return bind(std::move(spec), member);
  }

  // A path, resolved by the host.
  Options& add_path(std::string name, std::string Struct::*member, std::string doc) {
    OptionSpec spec = describe(std::move(name), member, std::move(doc));
    spec.type = OptionType::path;
    return bind(std::move(spec), member);
  }

  // The option added last must be given.
  Options& required() {
    table_.back().required = true;
    table_.back().default_value = Value();
    return *this;
  }

  const OptionTable& table() const { return table_; }

  // The struct with the values of a resolved map (every option of the table present, as the host hands it
  // over).
  Struct read(const Value& resolved) const {
    Struct result;
    for (size_t i = 0; i < table_.size(); ++i) {
      const Value* value = resolved.find(table_[i].name);
      if (value != nullptr && !value->is_null()) assign_[i](result, *value);
    }
    return result;
  }

 private:
  template <class T>
  struct Traits;

  template <class Member>
  static OptionSpec describe(std::string name, Member Struct::*member, std::string doc) {
    OptionSpec spec;
    spec.name = std::move(name);
    spec.type = Traits<Member>::type;
    spec.default_value = Traits<Member>::to_value(Struct().*member);
    spec.doc = std::move(doc);
    return spec;
  }

  template <class Member>
  Options& bind(OptionSpec spec, Member Struct::*member) {
    table_.push_back(std::move(spec));
    assign_.push_back(
        [member](Struct& object, const Value& value) { object.*member = Traits<Member>::from_value(value); });
    return *this;
  }

  OptionTable table_;
  std::vector<std::function<void(Struct&, const Value&)>> assign_;
};

// How each kind of member reads and writes a `Value`.
namespace option_traits {

template <class T>
struct Scalar;
template <>
struct Scalar<bool> {
  static constexpr OptionType type = OptionType::boolean;
  static Value to_value(bool value) { return value; }
  static bool from_value(const Value& value) { return value.as_boolean(); }
};
template <>
struct Scalar<int64_t> {
  static constexpr OptionType type = OptionType::integer;
  static Value to_value(int64_t value) { return value; }
  static int64_t from_value(const Value& value) { return value.as_integer(); }
};
template <>
struct Scalar<double> {
  static constexpr OptionType type = OptionType::number;
  static Value to_value(double value) { return value; }
  static double from_value(const Value& value) { return value.as_number(); }
};
template <>
struct Scalar<std::string> {
  static constexpr OptionType type = OptionType::text;
  static Value to_value(const std::string& value) { return value; }
  static std::string from_value(const Value& value) { return value.as_text(); }
};
template <>
struct Scalar<std::vector<std::string>> {
  static constexpr OptionType type = OptionType::text_list;
  static Value to_value(const std::vector<std::string>& value) {
    return Value::List(value.begin(), value.end());
  }
  static std::vector<std::string> from_value(const Value& value) {
    std::vector<std::string> result;
    for (const Value& item : value.as_list()) result.push_back(item.as_text());
    return result;
  }
};
template <class T, OptionType map_type>
struct TextTo {
  static constexpr OptionType type = map_type;
  static Value to_value(const std::map<std::string, T>& values) {
    Value::Map result;
    for (const auto& [key, value] : values) result.emplace_back(key, Value(value));
    return result;
  }
  static std::map<std::string, T> from_value(const Value& value) {
    std::map<std::string, T> result;
    for (const auto& [key, item] : value.as_map()) result[key] = Scalar<T>::from_value(item);
    return result;
  }
};
template <>
struct Scalar<std::map<std::string, double>> : TextTo<double, OptionType::number_map> {};
template <>
struct Scalar<std::map<std::string, std::string>> : TextTo<std::string, OptionType::text_map> {};
template <class T>
struct Scalar<std::optional<T>> {
  static constexpr OptionType type = Scalar<T>::type;
  static Value to_value(const std::optional<T>& value) {
    return value ? Scalar<T>::to_value(*value) : Value();
  }
  static std::optional<T> from_value(const Value& value) { return Scalar<T>::from_value(value); }
};

}  // namespace option_traits

template <class Struct>
template <class T>
struct Options<Struct>::Traits : option_traits::Scalar<T> {};

}  // namespace peft
