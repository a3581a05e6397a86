// What Jinja's operators, filters and tests do with values. None of them looks into what was said (see
// jinja/said_text.h): where one would have to, it throws.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "peft/value.h"

namespace peft::host::jinja {

using Given = std::optional<Value>;  // nothing: undefined

// All throw `peft::Error` for what they do not do.
bool is_true(const Given& value);
Given binary(std::string_view sign, const Given& left, const Given& right);
Given filtered(std::string_view name, const Given& value, const std::vector<Given>& arguments);
bool tested(std::string_view name, const Given& value);
Given item_of(const Given& value, const Given& index);
Given slice_of(const Given& value, const Given& begin, const Given& end, const Given& step);
// As it is printed.
std::string printed(const Given& value);

}  // namespace peft::host::jinja
