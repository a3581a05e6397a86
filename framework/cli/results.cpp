#include "cli/results.h"

#include <unistd.h>

#include <iostream>

#include "base/json.h"
#include "cli/terminal.h"

namespace peft::host {

void print_json(const Value& value) {
  std::cout << dump_json(value, 2) << "\n";
}

void print_json_line(const Value& value) {
  std::cout << dump_json(value) << std::endl;
}

size_t output_width() {
  constexpr size_t width_of_files = 200;
  const Terminal terminal = terminal_of(STDOUT_FILENO);
  return terminal.is_terminal ? terminal.width : width_of_files;
}

bool output_has_styles() {
  return terminal_of(STDOUT_FILENO).has_styles;
}

}  // namespace peft::host
