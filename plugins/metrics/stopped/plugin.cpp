// The share of generated answers that the model ended by itself, before they were cut off for their length.
#include <limits>
#include <string_view>

#include "peft/answer_endings.h"
#include "peft/plugin.h"

namespace {

class Stopped : public peft::Metric, public peft::AnswerEndings {
 public:
  peft::MetricNeeds needs() const override { return {.generation = true}; }
  void add(const peft::Measured&) override {}
  void add_ending(bool stopped) override {
    if (stopped) ++stopped_;
    ++answers_;
  }

  std::vector<peft::Figure> figures() const override {
    const double share = answers_ == 0 ? std::numeric_limits<double>::quiet_NaN()
                                       : static_cast<double>(stopped_) / static_cast<double>(answers_);
    return {{.name = "stopped", .value = share, .lower_is_better = false}};
  }

  std::string signature() const override { return ""; }

  void* query(std::string_view wanted) noexcept override {
    return wanted == peft::AnswerEndings::id ? static_cast<peft::AnswerEndings*>(this) : nullptr;
  }

 private:
  int64_t stopped_ = 0;
  int64_t answers_ = 0;
};

void register_stopped(peft::Registry& registry) {
  registry.add(
      peft::MetricDescriptor{.name = "stopped",
                             .summary = "share of generated answers that end by themselves",
                             .options = {},
                             .create = [](const peft::Value&) { return std::make_unique<Stopped>(); }});
}

}  // namespace

PEFT_PLUGIN("stopped", "1.0.0", register_stopped)
