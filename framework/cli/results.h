// Results go to stdout: as text, or with --json as JSON.
#pragma once

#include <cstddef>

#include "peft/value.h"

namespace peft::host {

void print_json(const Value& value);
// In one line, at once: for results that come one by one.
void print_json_line(const Value& value);

// Columns there are for text on stdout; wide where it is no terminal, so that files hold whole lines.
size_t output_width();
// Whether stdout shows styles.
bool output_has_styles();

}  // namespace peft::host
