// Base against tuned, as text and as JSON.
#pragma once

#include <cstddef>
#include <string>

#include "engine/evaluation_table.h"
#include "peft/value.h"

namespace peft::host {

// The table, what was measured on what, and the first samples cut to `width` columns.
std::string evaluation_text(const EvaluationTable& table, size_t width);

// As evaluation.json has it, and the table's rows as `figures`, and `samples`.
Value evaluation_value(const EvaluationTable& table);

}  // namespace peft::host
