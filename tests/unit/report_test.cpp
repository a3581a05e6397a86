// What a report is drawn and written with: markup, axes, curves.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "report/axis.h"
#include "report/chart.h"
#include "report/curve.h"
#include "report/html.h"
#include "report/metrics_lines.h"
#include "report/page.h"
#include "support/well_formed.h"

using namespace peft::host;
using Catch::Matchers::Contains;
using peft::test::parse_page;

namespace {

const double nan_value = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> labels(const std::vector<Tick>& ticks) {
  std::vector<std::string> labels;
  for (const Tick& tick : ticks) labels.push_back(tick.label);
  return labels;
}

using Labels = std::vector<std::string>;

std::vector<Point> wave(size_t count) {
  std::vector<Point> points;
  for (size_t i = 1; i <= count; ++i)
    points.push_back({static_cast<double>(i), std::sin(static_cast<double>(i) / 700)});
  return points;
}

Chart chart_of(const std::string& title, const std::vector<Point>& points) {
  Chart chart;
  chart.title = title;
  chart.curves = {{{title, points}}};
  return chart;
}

}  // namespace

TEST_CASE("Text never becomes markup, whatever stands in it") {
  CHECK(Html("<b>&\"'").markup() == "&lt;b&gt;&amp;&quot;&#39;");
  CHECK(Html("a\tb\nc").markup() == "a\tb\nc");
  CHECK(Html(std::string_view("\x1b[31m\0\r\x7f", 8)).markup() == "␛[31m␀␍␡");
  CHECK(Html("\xff\xc3").markup() == "\uFFFD\uFFFD");
  CHECK(Html("\xEF\xBF\xBF ok").markup() == "\uFFFD ok");
  CHECK(Html("日本 ü").markup() == "日本 ü");
  CHECK(element("a", {{"href", "\" onclick=\"x"}}, "</a><script>").markup() ==
        "<a href=\"&quot; onclick=&quot;x\">&lt;/a&gt;&lt;script&gt;</a>");
  CHECK(element("meta", {{"charset", "utf-8"}}, {}).markup() == "<meta charset=\"utf-8\" />");
}

TEST_CASE("A page is well formed, with its own script and style, and sections without content left out") {
  const std::string text = to_text({.title = "</title><script>alert(1)</script>",
                                    .head = notice("a < b"),
                                    .sections = {{"one", "One & only", "content"}, {"two", "Two", {}}}});
  const auto page = parse_page(text);
  CHECK(page.problem.empty());
  CHECK(page.count("script") == 1);
  CHECK(page.count("section") == 1);
  CHECK_THAT(text, Contains("One &amp; only") && !Contains("Two"));
  CHECK_THAT(text, Contains("default-src &#39;none&#39;"));
  CHECK_THAT(text, !Contains("http://") && !Contains("https://") && !Contains("src="));
}

TEST_CASE("Ticks are round, and all with the decimals they need") {
  CHECK(tick_distance(560, 5) == 200);
  CHECK(tick_distance(1, 5) == Approx(0.2));
  CHECK(tick_distance(7e-4, 5) == Approx(2e-4));
  const auto of = [](double lowest, double highest) {
    return labels(Axis::rounded(lowest, highest, 0, 1).ticks());
  };
  CHECK(of(0.47, 6.3) == Labels{"0", "2", "4", "6", "8"});
  CHECK(of(2.03, 2.11) == Labels{"2.02", "2.04", "2.06", "2.08", "2.10", "2.12"});
  CHECK(of(0, 2e-4) == Labels{"0", "5e-5", "1.0e-4", "1.5e-4", "2.0e-4"});
  CHECK(of(1.1011, 1.10134) == Labels{"1.10110", "1.10115", "1.10120", "1.10125", "1.10130", "1.10135"});
  CHECK(of(-1, 1) == Labels{"-1.0", "-0.5", "0", "0.5", "1.0"});
  CHECK(of(0, 4387) == Labels{"0", "1,000", "2,000", "3,000", "4,000", "5,000"});
  CHECK(of(3, 3).size() >= 3);  // one value has a range of its own
  CHECK(of(0, 0) == Labels{"0", "0.2", "0.4", "0.6", "0.8", "1.0"});
  CHECK(labels(Axis(1, 3, 0, 1).whole_ticks()) == Labels{"1", "2", "3"});
  CHECK(labels(Axis(1, 2200, 0, 1).whole_ticks()) == Labels{"500", "1,000", "1,500", "2,000"});
}

TEST_CASE("A logarithmic axis has the powers of ten, and what lies between where there is room") {
  const Axis axis = Axis::rounded(2, 400, 200, 0, Scale::logarithmic);
  CHECK(labels(axis.ticks()) == Labels{"2", "5", "10", "20", "50", "100", "200"});
  CHECK(axis.place(axis.lowest()) == Approx(200));
  CHECK(axis.place(axis.highest()) == Approx(0).margin(1e-9));
  CHECK(axis.place(std::sqrt(axis.lowest() * axis.highest())) == Approx(100));
  CHECK(labels(Axis::rounded(1e-8, 1, 0, 1, Scale::logarithmic).ticks()).size() <= 7);
}

TEST_CASE("Thinning keeps both ends and every extreme") {
  std::vector<Point> points = wave(100'000);
  points[31'415].y = 40;   // a spike of one step
  points[77'777].y = -40;  // and a dip
  const std::vector<Point> kept = thin(points, 300);
  CHECK(kept.size() <= 1200);
  CHECK(kept.size() > 300);
  CHECK(kept.front() == points.front());
  CHECK(kept.back() == points.back());
  CHECK(std::find(kept.begin(), kept.end(), points[31'415]) != kept.end());
  CHECK(std::find(kept.begin(), kept.end(), points[77'777]) != kept.end());
  CHECK(std::is_sorted(kept.begin(), kept.end(), [](const Point& a, const Point& b) { return a.x < b.x; }));
  CHECK(thin(wave(50), 300) == wave(50));
}

TEST_CASE("Where there is no number the line is interrupted, thinned or not") {
  std::vector<Point> points = wave(10'000);
  for (size_t i = 5'000; i < 5'200; ++i) points[i].y = nan_value;
  const std::vector<Point> kept = thin(points, 100);
  const auto is_gap = [](const Point& point) { return std::isnan(point.y); };
  CHECK(std::count_if(kept.begin(), kept.end(), is_gap) == 1);
  const auto gap = std::find_if(kept.begin(), kept.end(), is_gap);
  CHECK(*std::prev(gap) == points[4'999]);
  CHECK(*std::next(gap) == points[5'200]);

  const std::string svg = draw(chart_of("loss", points)).markup();
  CHECK(std::count(svg.begin(), svg.end(), 'M') == 2);
  CHECK_THAT(svg, Contains("no number at 200 points"));
}

TEST_CASE("A moving mean takes as many points before as after") {
  const std::vector<Point> line = {{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}};
  CHECK(moving_mean(line, 2) == line);  // a straight line stays one, to its ends
  const std::vector<Point> with_gap = {{1, 0}, {2, nan_value}, {3, 6}};
  CHECK(moving_mean(with_gap, 1)[1] == Point{2, 3});
  CHECK(moving_mean({}, 3).empty());
  CHECK(std::isnan(moving_mean({{1, nan_value}}, 1)[0].y));
}

TEST_CASE("A chart says in words what it shows") {
  const Chart chart = chart_of("Loss <1>", {{1, 9}, {2, 3}, {3, 4}});
  const std::string drawn = draw(chart).markup();
  const std::string words =
      "begins at 9.0000 (step 1), lowest 3.0000 (step 2), highest 9.0000 (step 1), ends "
      "at 4.0000 (step 3)";
  CHECK_THAT(drawn, Contains("<title>Loss &lt;1&gt;</title>") && Contains(words) && Contains("role=\"img\""));
  CHECK(parse_page("<!DOCTYPE html>\n" + drawn).problem.empty());
  CHECK(draw(chart_of("nothing", {{1, nan_value}})).is_empty());
}

TEST_CASE("Values over several decades are drawn on a logarithmic axis") {
  const auto title = [](double highest) { return draw(chart_of("p", {{1, highest}, {2, 2}})).markup(); };
  CHECK_THAT(title(400), Contains("log scale"));
  CHECK_THAT(title(40), !Contains("log scale"));
}

TEST_CASE("A reference is drawn where it leaves the curve its room") {
  const auto drawn = [](double base) {
    Chart chart = chart_of("p", {{1, 4}, {2, 2}});
    chart.reference = ReferenceLine{"base", base};
    return draw(chart).markup();
  };
  CHECK_THAT(drawn(5), Contains("base 5.0000"));
  CHECK_THAT(drawn(300), !Contains("base 300"));
  CHECK_THAT(drawn(nan_value), !Contains("base"));
}

TEST_CASE("Lines of metrics that cannot be read are told with their place, and the others kept") {
  std::vector<std::string> problems;
  const MetricsLines lines = parse_metrics(
      "{\"step\": 1, \"loss\": 3.5, \"seconds\": 0.25}\n"
      "{\"step\": 1, \"eval\": {\"perplexity\": 12.5, \"odd\": null}}\n"
      "{\"step\": 2, \"loss\": null}\n"
      "{\"step\": 3, \"lo\n"
      "{\"step\": \"four\"}\n"
      "{\"step\": 2, \"loss\": 1.0}\n"
      "{\"step\": 5, \"loss\": 2.0}",
      "run/metrics.jsonl", problems);
  REQUIRE(lines.steps.size() == 3);
  CHECK(lines.steps[0].loss == 3.5);
  CHECK(lines.steps[0].seconds == 0.25);
  CHECK(std::isnan(lines.steps[1].loss));
  CHECK(lines.steps[2].step == 5);
  REQUIRE(lines.evaluations.size() == 1);
  CHECK(lines.evaluations[0].figures == std::map<std::string, double>{{"perplexity", 12.5}});
  REQUIRE(problems.size() == 3);
  CHECK_THAT(problems[0], Catch::Matchers::StartsWith("run/metrics.jsonl:4:"));
  CHECK_THAT(problems[1], Catch::Matchers::StartsWith("run/metrics.jsonl:5: error: "));
  CHECK_THAT(problems[2], Contains(":6: error: found step 2 after step 2"));

  problems.clear();
  parse_metrics(std::string(100, '\n'), "m", problems);
  CHECK(problems.size() == problems_told + 1);
  CHECK_THAT(problems.back(), Contains("95 more lines"));
}
