// Metrics turn what was measured on the examples of an evaluation into figures.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peft/component.h"
#include "peft/options.h"

namespace peft {

// What was measured on one example. Only what the metric's `needs` asks for is filled.
struct Measured {
  double negative_log_likelihood = 0.0;  // natural log, summed over `tokens`
  int64_t tokens = 0;                    // scored targets; a sequence's first real token is never scored
  std::string prediction;                // the generated answer
  std::string reference;                 // the answer in the data
  int64_t predicted_label = 0;
  int64_t label = 0;
  std::vector<double> scores;  // of a reward model or per class
};

// What the host has to compute. Generating is far dearer than scoring, so it happens only when a metric asks
// for it.
struct MetricNeeds {
  bool likelihood = false;
  bool generation = false;
  bool label = false;
};

struct Figure {
  std::string name;  // as it stands in evaluation.json: "bleu", "bleu_fraction"
  double value = 0.0;
  bool lower_is_better = false;
};

class Metric : public Component {
 public:
  ~Metric() override;
  virtual MetricNeeds needs() const = 0;
  // Once an example, in file order.
  virtual void add(const Measured& measured) = 0;
  // Of all examples added so far; a figure that has no meaning (no example) is NaN, which the host shows as
  // "n/a".
  virtual std::vector<Figure> figures() const = 0;
  // How the figures were computed, for the report: sacrebleu's signature. May be empty.
  virtual std::string signature() const = 0;
};

struct MetricDescriptor {
  std::string name;
  std::string summary;
  OptionTable options;
  std::function<std::unique_ptr<Metric>(const Value& options)> create;
};

}  // namespace peft
