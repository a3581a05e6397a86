// An axis: which values it spans, where on the page they lie, and what is written beside it.
#pragma once

#include <string>
#include <vector>

namespace peft::host {

enum class Scale { linear, logarithmic };

struct Tick {
  double value = 0.0;
  std::string label;
};

class Axis {
 public:
  // Spans `lowest` to `highest`, which may be equal, on the page from `from` to `to`. Logarithmic only of
  // values above 0.
  Axis(double lowest, double highest, double from, double to, Scale scale = Scale::linear);

  // Wide enough that both ends are ticks.
  static Axis rounded(double lowest, double highest, double from, double to, Scale scale = Scale::linear);

  double place(double value) const;
  Scale scale() const { return scale_; }
  double lowest() const { return lowest_; }
  double highest() const { return highest_; }

  // Round values (1, 2 or 5 times a power of ten), about `count` of them, all with as many decimals as their
  // distance needs.
  std::vector<Tick> ticks(int count = 5) const;

  // The same for what is counted: no tick between two whole numbers.
  std::vector<Tick> whole_ticks(int count = 6) const;

 private:
  double lowest_;
  double highest_;
  double from_;
  double to_;
  Scale scale_;
};

// The step from one tick to the next, so that about `count` of them fill `span`.
double tick_distance(double span, int count);

}  // namespace peft::host
