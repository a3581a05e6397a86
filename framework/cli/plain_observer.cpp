// Progress as lines of a log.
#include <ostream>
#include <utility>

#include "cli/observers.h"
#include "cli/progress_text.h"
#include "cli/shown_text.h"

namespace peft::host {
namespace {

constexpr double seconds_between_lines = 5.0;

class PlainObserver : public Observer {
 public:
  explicit PlainObserver(ObserverSurroundings surroundings) : surroundings_(std::move(surroundings)) {}

  void note(const std::string& text) override { line(text); }
  void warning(const std::string& text) override { line(warning_line(text)); }

  void on_step(const StepLine& step) override {
    const bool is_first = !std::exchange(has_stepped_, true);
    const bool is_last = step.step == step.total_steps;
    if (is_first || is_last || is_due()) line(step_count(step) + "  " + step_figures(step));
  }

  void on_evaluation(int64_t step, const std::map<std::string, double>& figures) override {
    line(evaluation_line(step, figures));
  }

  // Its beginning, and lines in between where it takes long.
  void on_progress(std::string_view what, int64_t done, int64_t total) override {
    if (what != work_) {
      work_ = what;
      line(work_ + " …");
    } else if (is_due()) {
      line(progress_count(what, done, total));
    }
  }

  void on_transfer(const TransferLine& transfer) override {
    const bool is_first = transfer.what != std::exchange(work_, transfer.what);
    if (!is_first && !is_due()) return;
    const std::string speed = transfer_speed(transfer);
    line(transfer_amount(transfer) + (speed.empty() ? "" : "  " + speed));
  }

  void on_text(std::string_view text) override { surroundings_.write_text(text); }
  bool interrupted() const override { return surroundings_.interrupted(); }

 private:
  bool is_due() const { return surroundings_.seconds() >= next_line_; }

  void line(const std::string& text) {
    surroundings_.log << without_controls(text) << "\n" << std::flush;
    next_line_ = surroundings_.seconds() + seconds_between_lines;
  }

  ObserverSurroundings surroundings_;
  bool has_stepped_ = false;
  std::string work_;
  double next_line_ = 0;
};

}  // namespace

std::unique_ptr<Observer> make_plain_observer(ObserverSurroundings surroundings) {
  return std::make_unique<PlainObserver>(std::move(surroundings));
}

}  // namespace peft::host
