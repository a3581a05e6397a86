// Progress in place: a line with a bar under the lines that stay.
#include <algorithm>
#include <ostream>
#include <utility>

#include "cli/observers.h"
#include "cli/progress_text.h"
#include "cli/shown_text.h"

namespace peft::host {
namespace {

constexpr double seconds_between_drawings = 0.1;
constexpr size_t widest_bar = 40;
constexpr std::string_view clear_line = "\r\x1b[K";

class TerminalObserver : public Observer {
 public:
  explicit TerminalObserver(ObserverSurroundings surroundings) : surroundings_(std::move(surroundings)) {}
  TerminalObserver(const TerminalObserver&) = delete;
  TerminalObserver& operator=(const TerminalObserver&) = delete;
  ~TerminalObserver() override { clear(); }

  void note(const std::string& text) override { line(text); }
  void warning(const std::string& text) override { line(warning_line(text)); }

  void on_step(const StepLine& step) override {
    if (step.step == step.total_steps) {
      line(step_count(step) + "  " + step_figures(step));
      return;
    }
    if (!is_due()) return;
    draw(step_count(step), step.step, step.total_steps, step_figures(step));
  }

  void on_evaluation(int64_t step, const std::map<std::string, double>& figures) override {
    line(evaluation_line(step, figures));
  }

  void on_progress(std::string_view what, int64_t done, int64_t total) override {
    const bool is_finished = total > 0 && done >= total;
    if (is_finished) {
      clear();
      next_drawing_ = 0;
    } else if (what != work_ || is_due()) {
      draw(progress_count(what, done, total), done, total, "");
    }
    work_ = is_finished ? "" : what;
  }

  void on_transfer(const TransferLine& transfer) override {
    const bool is_finished = transfer.done >= transfer.total;
    if (is_finished) {
      clear();
    } else if (is_due()) {
      draw(transfer_amount(transfer), transfer.done, transfer.total, transfer_speed(transfer));
    }
  }

  void on_text(std::string_view text) override {
    clear();
    surroundings_.write_text(text);
  }

  bool interrupted() const override { return surroundings_.interrupted(); }

 private:
  bool is_due() const { return surroundings_.seconds() >= next_drawing_; }

  void clear() {
    if (std::exchange(is_drawn_, false)) surroundings_.log << clear_line << std::flush;
  }

  // A line that stays. What is drawn next stands under it.
  void line(const std::string& text) {
    clear();
    surroundings_.log << without_controls(text) << "\n" << std::flush;
    next_drawing_ = 0;
  }

  void draw(const std::string& in_front, int64_t done, int64_t total, const std::string& behind) {
    const size_t width = surroundings_.terminal().width - 1;  // the last column would wrap in some terminals
    const size_t texts = display_width(in_front) + display_width(behind) + 4;
    const std::string drawn_bar = bar(done, total, texts < width ? std::min(width - texts, widest_bar) : 0);
    std::string text = in_front;
    if (!drawn_bar.empty()) text += "  " + drawn_bar;
    if (!behind.empty()) text += "  " + behind;
    surroundings_.log << clear_line << one_line(text, width) << std::flush;
    is_drawn_ = true;
    next_drawing_ = surroundings_.seconds() + seconds_between_drawings;
  }

  ObserverSurroundings surroundings_;
  bool is_drawn_ = false;
  std::string work_;
  double next_drawing_ = 0;
};

}  // namespace

std::unique_ptr<Observer> make_terminal_observer(ObserverSurroundings surroundings) {
  return std::make_unique<TerminalObserver>(std::move(surroundings));
}

}  // namespace peft::host
