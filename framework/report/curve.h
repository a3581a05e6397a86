// Points of a curve, made few enough to be drawn.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace peft::host {

struct Point {
  double x = 0.0;
  double y = 0.0;  // not finite: there is nothing here, and the line is interrupted

  bool operator==(const Point& other) const = default;
};

struct Curve {
  std::string label;          // "loss"
  std::vector<Point> points;  // by x
};

// At most four points for each of `columns` equal parts of the x axis: the first, the lowest, the highest and
// the last, so that what is drawn covers the same pixels as all of them (M4: Jugel et al., "A
// Visualization-Oriented Time Series Data Aggregation", 2014). Interruptions stay where they are.
std::vector<Point> thin(const std::vector<Point>& points, size_t columns);

// The mean of the finite values of up to `reach` points on either side, and of the point itself. Fewer, and
// as many on either side, near the ends: the line does not lean there.
std::vector<Point> moving_mean(const std::vector<Point>& points, size_t reach);

}  // namespace peft::host
