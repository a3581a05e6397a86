#include "report/curve.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace peft::host {
namespace {

using Iterator = std::vector<Point>::const_iterator;

bool is_there(const Point& point) {
  return std::isfinite(point.y);
}

bool is_lower(const Point& a, const Point& b) {
  return a.y < b.y;
}

// Of finite points in one column.
void keep_outline(Iterator first, Iterator last, std::vector<Point>& kept) {
  const auto [lowest, highest] = std::minmax_element(first, last, is_lower);
  std::vector<Iterator> outline = {first, lowest, highest, std::prev(last)};
  std::sort(outline.begin(), outline.end());
  outline.erase(std::unique(outline.begin(), outline.end()), outline.end());
  for (const Iterator& point : outline) kept.push_back(*point);
}

}  // namespace

std::vector<Point> thin(const std::vector<Point>& points, size_t columns) {
  if (points.size() <= 4 * columns) return points;
  const double begin = points.front().x;
  const double width = points.back().x - begin;
  const auto column = [&](const Point& point) {
    return std::min(static_cast<size_t>((point.x - begin) / width * static_cast<double>(columns)),
                    columns - 1);
  };
  std::vector<Point> kept;
  for (Iterator first = points.begin(); first != points.end();) {
    const auto belongs = [&, there = is_there(*first), at = column(*first)](const Point& point) {
      return is_there(point) == there && column(point) == at;
    };
    const Iterator last = std::find_if_not(first, points.end(), belongs);
    if (is_there(*first)) {
      keep_outline(first, last, kept);
    } else if (kept.empty() || is_there(kept.back())) {
      kept.push_back(*first);
    }
    first = last;
  }
  return kept;
}

std::vector<Point> moving_mean(const std::vector<Point>& points, size_t reach) {
  std::vector<double> sums = {0.0};
  std::vector<size_t> counts = {0};
  for (const Point& point : points) {
    sums.push_back(sums.back() + (is_there(point) ? point.y : 0.0));
    counts.push_back(counts.back() + (is_there(point) ? 1 : 0));
  }
  std::vector<Point> means;
  means.reserve(points.size());
  for (size_t i = 0; i < points.size(); ++i) {
    const size_t near = std::min({reach, i, points.size() - 1 - i});
    const size_t first = i - near;
    const size_t end = i + near + 1;
    const size_t count = counts[end] - counts[first];
    const double mean = (sums[end] - sums[first]) / static_cast<double>(count);
    means.push_back({points[i].x, count > 0 ? mean : std::numeric_limits<double>::quiet_NaN()});
  }
  return means;
}

}  // namespace peft::host
