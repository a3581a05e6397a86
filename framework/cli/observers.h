// Who tells the user how work goes on: on stderr, so that stdout holds results alone.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "cli/terminal.h"
#include "engine/engine.h"

namespace peft::host {

// What an observer writes to and asks. The streams must outlive it.
struct ObserverSurroundings {
  std::ostream& log;
  std::ostream& text;
  std::function<double()> seconds;  // a steady clock
  std::function<bool()> interrupted;
  std::function<Terminal()> terminal;  // asked anew for each line: windows change their size
  bool shields_text = false;           // `text` is a terminal, to which a model must not give orders

  void write_text(std::string_view piece) const;
};

// stderr, stdout, the signals.
ObserverSurroundings process_surroundings();

// For a terminal: one line with a bar, redrawn in place, under the lines that stay.
std::unique_ptr<Observer> make_terminal_observer(ObserverSurroundings surroundings);
// For a file or a pipe: a line now and then, the first and the last step always.
std::unique_ptr<Observer> make_plain_observer(ObserverSurroundings surroundings);
// The one that suits stderr.
std::unique_ptr<Observer> make_observer();

}  // namespace peft::host
