#include "cli/observers.h"

#include <unistd.h>

#include <chrono>
#include <iostream>
#include <utility>

#include "cli/shown_text.h"
#include "cli/signals.h"

namespace peft::host {
namespace {

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

ObserverSurroundings process_surroundings() {
  return {std::cerr,
          std::cout,
          steady_seconds,
          interrupted,
          [] { return terminal_of(STDERR_FILENO); },
          terminal_of(STDOUT_FILENO).is_terminal};
}

void ObserverSurroundings::write_text(std::string_view piece) const {
  if (shields_text) {
    text << without_controls(piece) << std::flush;
  } else {
    text << piece << std::flush;
  }
}

std::unique_ptr<Observer> make_observer() {
  ObserverSurroundings surroundings = process_surroundings();
  return surroundings.terminal().is_terminal ? make_terminal_observer(std::move(surroundings))
                                             : make_plain_observer(std::move(surroundings));
}

}  // namespace peft::host
