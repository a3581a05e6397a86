// Curves over the steps of a run, as an SVG that stands in the page.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/curve.h"
#include "report/html.h"

namespace peft::host {

enum class LineStyle {
  line,
  faint,   // what another line is the mean of
  marked,  // few points, each of which is seen
};

struct ChartCurve {
  Curve curve;
  LineStyle style = LineStyle::line;
};

// A value to compare with, drawn across the chart where that leaves the curves their room.
struct ReferenceLine {
  std::string label;
  double value = 0.0;
};

struct Chart {
  std::string title;
  std::string unit;  // of the values; empty: none
  std::string x_name = "step";
  std::vector<ChartCurve> curves;
  bool from_zero = false;  // whether the axis must begin at 0: for amounts, where shares count
  std::optional<ReferenceLine> reference;
};

// A <figure>: the title, what the lines are, and the SVG with a title and a description in words for those
// who do not see it. Values that span more than a factor of 50 are drawn on a logarithmic axis, and the title
// says so. Nothing where no point is finite.
Html draw(const Chart& chart);

// "begins at 9.0171 (step 1), lowest 3.4120 (step 1,432), ends at 3.4505 (step 1,500)"; values without a
// number are counted.
std::string in_words(const Curve& curve, const std::string& x_name = "step");

}  // namespace peft::host
