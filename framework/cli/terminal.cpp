#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace peft::host {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

size_t width_of(int file_descriptor) {
  winsize size = {};
  if (::ioctl(file_descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return Terminal().width;
}

}  // namespace

Terminal terminal_of(int file_descriptor) {
  Terminal terminal;
  terminal.is_terminal = ::isatty(file_descriptor) == 1 && environment("TERM") != "dumb";
  terminal.has_styles = terminal.is_terminal && environment("NO_COLOR").empty();
  if (terminal.is_terminal) terminal.width = width_of(file_descriptor);
  return terminal;
}

}  // namespace peft::host
