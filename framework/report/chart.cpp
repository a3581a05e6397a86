#include "report/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/figures.h"
#include "report/axis.h"

namespace peft::host {
namespace {

// In the units of the SVG's view box; the page makes it as wide as there is room.
constexpr double width = 640;
constexpr double height = 230;
constexpr double left = 62;
constexpr double right = 630;
constexpr double top = 12;
constexpr double bottom = 200;
// Two units wide, about a pixel and a half where two charts stand side by side.
constexpr size_t columns = 284;
constexpr double logarithmic_from = 50;  // highest / lowest
constexpr size_t marks_at_most = 60;     // more would hide the line
// Colours are the page's; the attributes that make a line a line stand at it, for readers without the style.
constexpr std::array<const char*, 4> colours = {"c1", "c2", "c3", "c4"};

struct Range {
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -std::numeric_limits<double>::infinity();

  void add(double value) {
    if (!std::isfinite(value)) return;
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  bool is_empty() const { return lowest > highest; }
};

struct Ranges {
  Range x;
  Range y;
};

struct Axes {
  Axis x;
  Axis y;
};

std::string number(double value, int decimals = 1) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  std::string written = text.data();
  written.erase(written.find_last_not_of('0') + 1);
  if (written.ends_with('.')) written.pop_back();
  return written;
}

std::string exact(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  return text.data();
}

Ranges ranges_of(const Chart& chart) {
  Ranges ranges;
  for (const ChartCurve& drawn : chart.curves) {
    for (const Point& point : drawn.curve.points) {
      ranges.x.add(point.x);
      ranges.y.add(point.y);
    }
  }
  return ranges;
}

bool spans_decades(const Range& range) {
  return range.lowest > 0 && range.highest / range.lowest > logarithmic_from;
}

// A base's perplexity of hundreds would press the curve of a tuned model flat.
bool leaves_room(const ReferenceLine& line, const Range& range) {
  const double span = range.highest - range.lowest;
  return line.value >= range.lowest - span && line.value <= range.highest + span;
}

std::optional<ReferenceLine> shown_reference(const Chart& chart, const Range& range) {
  if (!chart.reference || !std::isfinite(chart.reference->value)) return {};
  return leaves_room(*chart.reference, range) ? chart.reference : std::nullopt;
}

Axes axes_of(const Chart& chart, const Ranges& ranges) {
  Range y = ranges.y;
  const auto reference = shown_reference(chart, y);
  if (reference) y.add(reference->value);
  const Scale scale = spans_decades(y) ? Scale::logarithmic : Scale::linear;
  if (chart.from_zero && scale == Scale::linear) y.add(0);
  return {Axis(ranges.x.lowest, ranges.x.highest, left, right),
          Axis::rounded(y.lowest, y.highest, bottom, top, scale)};
}

Html line(const char* kind, double x1, double y1, double x2, double y2) {
  return element("line",
                 {{"class", kind},
                  {"stroke", "currentColor"},
                  {"x1", number(x1)},
                  {"y1", number(y1)},
                  {"x2", number(x2)},
                  {"y2", number(y2)}},
                 {});
}

// `anchor`: which of its points stands at `x`.
Html label(const char* anchor, double x, double y, const std::string& text) {
  return element("text", {{"text-anchor", anchor}, {"x", number(x)}, {"y", number(y)}}, text);
}

Html grid(const Axes& axes, const Chart& chart) {
  Html grid;
  for (const Tick& tick : axes.y.ticks()) {
    const double y = axes.y.place(tick.value);
    grid += line("grid", left, y, right, y) + label("end", left - 6, y + 4, tick.label);
  }
  for (const Tick& tick : axes.x.whole_ticks()) {
    const double x = axes.x.place(tick.value);
    grid += line("axis", x, bottom, x, bottom + 4) + label("middle", x, bottom + 17, tick.label);
  }
  return grid + line("axis", left, bottom, right, bottom) + label("end", right, height - 1, chart.x_name);
}

// "M1,2L1,2 3,4": a line, begun again after each interruption. From its first point to itself, too: a point
// without neighbours is then a dot.
std::string path_of(const std::vector<Point>& points, const Axes& axes) {
  std::string path;
  bool begun = false;
  for (const Point& point : points) {
    const bool there = std::isfinite(point.y);
    if (there) {
      const std::string place = number(axes.x.place(point.x)) + "," + number(axes.y.place(point.y), 2);
      path += begun ? " " + place : "M" + place + "L" + place;
    }
    begun = there;
  }
  return path;
}

const char* class_of(LineStyle style) {
  return style == LineStyle::faint ? "faint" : "line";
}

Html drawn_curve(const ChartCurve& drawn, const char* colour, const Axes& axes) {
  const std::vector<Point> points = thin(drawn.curve.points, columns);
  const Html path = element("path",
                            {{"class", std::string(class_of(drawn.style)) + " " + colour},
                             {"fill", "none"},
                             {"stroke", "currentColor"},
                             {"data-label", drawn.curve.label},
                             {"d", path_of(points, axes)}},
                            {});
  if (drawn.style != LineStyle::marked || points.size() > marks_at_most) return path;
  Html marks;
  for (const Point& point : points) {
    if (!std::isfinite(point.y)) continue;
    marks += element("circle",
                     {{"class", colour},
                      {"cx", number(axes.x.place(point.x))},
                      {"cy", number(axes.y.place(point.y), 2)},
                      {"r", "3"}},
                     {});
  }
  return path + marks;
}

// A faint line and the mean drawn over it are one colour.
const char* colour_of(const Chart& chart, size_t index) {
  size_t colour = 0;
  for (size_t i = 0; i < index; ++i) {
    if (chart.curves[i].style != LineStyle::faint) ++colour;
  }
  return colours[colour % colours.size()];
}

Html drawn_reference(const Chart& chart, const Axes& axes, const Range& range) {
  const auto reference = shown_reference(chart, range);
  if (!reference) return {};
  const double y = axes.y.place(reference->value);
  return line("reference", left, y, right, y) +
         label("end", right, y - 4, reference->label + " " + figure(reference->value));
}

Html legend(const Chart& chart) {
  Html items;
  if (chart.curves.size() < 2) return items;
  for (size_t i = 0; i < chart.curves.size(); ++i) {
    const std::string kind = std::string(class_of(chart.curves[i].style)) + " " + colour_of(chart, i);
    items += element("span", {{"class", "key " + kind}}, chart.curves[i].curve.label);
  }
  return items;
}

std::string description(const Chart& chart) {
  std::string text;
  for (const ChartCurve& drawn : chart.curves) {
    text += (text.empty() ? "" : "; ") + drawn.curve.label + ": " + in_words(drawn.curve, chart.x_name);
  }
  return text + ".";
}

// How a place in the view box reads back as a value: "LOWEST HIGHEST FROM TO linear".
std::string scale_of(const Axis& axis, double from, double to) {
  return exact(axis.lowest()) + " " + exact(axis.highest()) + " " + number(from) + " " + number(to) +
         (axis.scale() == Scale::logarithmic ? " log" : " linear");
}

Attributes svg_attributes(const Chart& chart, const Axes& axes) {
  return {{"viewBox", "0 0 " + number(width) + " " + number(height)},
          {"role", "img"},
          {"aria-label", chart.title + ". " + description(chart)},
          {"data-x", scale_of(axes.x, left, right)},
          {"data-y", scale_of(axes.y, bottom, top)},
          {"data-name", chart.x_name}};
}

Html title_line(const Chart& chart, const Axes& axes) {
  std::string unit = chart.unit;
  if (axes.y.scale() == Scale::logarithmic) unit += unit.empty() ? "log scale" : ", log scale";
  Html title = element("b", chart.title);
  if (!unit.empty()) title += element("span", {{"class", "quiet"}}, " " + unit);
  return element("figcaption", title + " " + legend(chart) + element("output", ""));
}

}  // namespace

Html draw(const Chart& chart) {
  const Ranges ranges = ranges_of(chart);
  if (ranges.y.is_empty()) return {};
  const Axes axes = axes_of(chart, ranges);
  Html svg = element("title", chart.title) + element("desc", description(chart)) + grid(axes, chart) +
             drawn_reference(chart, axes, ranges.y);
  for (size_t i = 0; i < chart.curves.size(); ++i) {
    svg += drawn_curve(chart.curves[i], colour_of(chart, i), axes);
  }
  return element("figure", title_line(chart, axes) + element("svg", svg_attributes(chart, axes), svg)) + "\n";
}

std::string in_words(const Curve& curve, const std::string& x_name) {
  std::vector<Point> there;
  for (const Point& point : curve.points) {
    if (std::isfinite(point.y)) there.push_back(point);
  }
  if (there.empty()) return "no number";
  const auto [lowest, highest] = std::minmax_element(
      there.begin(), there.end(), [](const Point& a, const Point& b) { return a.y < b.y; });
  const auto at = [&](const Point& point) {
    return figure(point.y) + " (" + x_name + " " + with_separators(std::llround(point.x)) + ")";
  };
  std::string words = "begins at " + at(there.front()) + ", lowest " + at(*lowest) + ", highest " +
                      at(*highest) + ", ends at " + at(there.back());
  const size_t missing = curve.points.size() - there.size();
  if (missing > 0) words += ", no number at " + with_separators(static_cast<int64_t>(missing)) + " points";
  return words;
}

}  // namespace peft::host
