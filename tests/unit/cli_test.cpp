// Tables, figures and progress, as they are shown.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <limits>
#include <sstream>

#include "base/figures.h"
#include "base/shell.h"
#include "cli/errors.h"
#include "cli/observers.h"
#include "cli/progress_text.h"
#include "cli/shown_text.h"
#include "cli/side_by_side.h"
#include "cli/text_table.h"
#include "peft/error.h"

using namespace peft;
using namespace peft::host;
using Catch::Matchers::Contains;

namespace {

// A clock that a test sets, and what was written.
struct Surroundings {
  std::ostringstream log;
  std::ostringstream text;
  double now = 100;
  bool stop = false;

  ObserverSurroundings for_observer() {
    return {log, text, [this] { return now; }, [this] { return stop; },
            [] {
              return Terminal{true, true, 60};
            }};
  }
  size_t lines() const {
    const std::string written = log.str();
    return static_cast<size_t>(std::count(written.begin(), written.end(), '\n'));
  }
};

StepLine step(int64_t number, int64_t total) {
  StepLine line;
  line.step = number;
  line.total_steps = total;
  line.epoch = 0.5;
  line.loss = 2.25;
  line.tokens_per_second = 3210.4;
  line.seconds_left = 272;
  return line;
}

}  // namespace

TEST_CASE("Numbers are shown as people read them") {
  CHECK(with_separators(0) == "0");
  CHECK(with_separators(999) == "999");
  CHECK(with_separators(1000) == "1,000");
  CHECK(with_separators(-1769472) == "-1,769,472");
  CHECK(share_of(1769472, 356592640) == "0.50 %");
  CHECK(share_of(1, 1000000) == "0.0001 %");
  CHECK(share_of(1, 0) == "-");
  CHECK(duration(42) == "0:42");
  CHECK(duration(3727) == "1:02:07");
  CHECK(duration(-1) == "-");
  CHECK(figure(31.20456) == "31.2046");
  CHECK(figure(1.2e-5) == "1.2000e-05");
  CHECK(figure(std::numeric_limits<double>::quiet_NaN()) == "-");
  CHECK(signed_figure(0.5) == "+0.5000");
}

TEST_CASE("Text is cut between characters, and gives a terminal no orders") {
  CHECK(display_width("naïve") == 5);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("e\xCC\x81") == 1);
  CHECK(one_line("short", 5) == "short");
  CHECK(one_line("longer", 5) == "long…");
  CHECK(one_line("日本語", 4) == "日…");
  CHECK(one_line("two\nlines", 20) == "two⏎lines");
  CHECK(one_line("anything", 0).empty());
  CHECK(without_controls("\x1b[2Jgone\r") == "\\x1b[2Jgone\\x0d");
  CHECK(without_controls("\xC2\x9B"
                         "2J") == "\\x9b2J");
  CHECK(without_controls("tab\tand\nline é") == "tab\tand\nline é");
}

TEST_CASE("What a shell would take apart is quoted") {
  CHECK(shell_quoted("train.epochs=1") == "train.epochs=1");
  CHECK(shell_quoted("") == "''");
  CHECK(shell_quoted("it's [here]") == "'it'\\''s [here]'");
}

TEST_CASE("A path below the working directory is told as it would be typed there, any other whole") {
  const std::filesystem::path here = std::filesystem::current_path();
  CHECK(typed_path(here / "runs" / "demo") == "runs/demo");
  CHECK(typed_path("/nowhere/at/all") == "/nowhere/at/all");
  CHECK(typed_path(here.string() + "-other") == here.string() + "-other");
}

TEST_CASE("A table's columns are as wide as what stands in them") {
  TextTable table({{"name"}, {"value", Align::right}, {"note"}});
  table.add({"é", "1", "wide"});
  table.add({"日本語", "1,000", ""});
  CHECK(table.text() ==
        "name    value  note\n"
        "------  -----  ----\n"
        "é           1  wide\n"
        "日本語  1,000\n");
}

TEST_CASE("Each line of an error says where it comes from") {
  CHECK(error_text("a.yaml:1:2: error: wrong") == "a.yaml:1:2: error: wrong\n");
  CHECK(error_text("the disk is full") == "peft-host: error: the disk is full\n");
  CHECK(error_text("first\nsecond\n  of it") ==
        "peft-host: error: first\npeft-host: error: second\n  of it\n");
  CHECK(error_text("") == "peft-host: error: \n");
}

TEST_CASE("A log gets the first step, the last, and one now and then") {
  Surroundings around;
  const auto observer = make_plain_observer(around.for_observer());
  for (int64_t number = 1; number <= 100; ++number) {
    observer->on_step(step(number, 100));
    around.now += 0.1;
  }
  CHECK(around.lines() == 3);  // steps 1, about 51, and 100
  CHECK_THAT(around.log.str(), Contains("step 1/100  epoch 0.50  loss 2.2500  3,210 tokens/s  ETA 4:32\n") &&
                                   Contains("step 100/100 "));
  CHECK_THAT(around.log.str(), !Contains("\x1b") && !Contains("\r"));
}

TEST_CASE("A log names long work when it begins, and how far it is where it takes long") {
  Surroundings around;
  const auto observer = make_plain_observer(around.for_observer());
  for (int64_t done = 0; done <= 10; ++done) {
    observer->on_progress("tokenising", done, 10);
    around.now += 1;
  }
  observer->on_progress("evaluating base", 0, 0);
  CHECK(around.log.str() == "tokenising …\ntokenising 5/10\ntokenising 10/10\nevaluating base …\n");
}

TEST_CASE("A terminal's line is redrawn in place, at most ten times a second, and fits") {
  Surroundings around;
  {
    const auto observer = make_terminal_observer(around.for_observer());
    for (int64_t number = 1; number < 100; ++number) {
      observer->on_step(step(number, 1000));
      around.now += 0.02;
    }
    CHECK(around.lines() == 0);
    const std::string drawn = around.log.str();
    const auto drawings = std::count(drawn.begin(), drawn.end(), '\r');
    CHECK(drawings >= 15);
    CHECK(drawings <= 21);
    std::istringstream pieces(drawn);
    for (std::string piece; std::getline(pieces, piece, '\r');) {
      if (!piece.empty()) CHECK(display_width(piece) - display_width("\x1b[K") < 60);
    }
    observer->note("kept");
    CHECK_THAT(around.log.str(), Contains("\r\x1b[Kkept\n"));
    observer->on_step(step(100, 1000));
    observer->on_text("answer");
    CHECK(around.text.str() == "answer");
  }
  const std::string left = around.log.str();
  CHECK(left.substr(left.rfind('\r')) == "\r\x1b[K");
}

TEST_CASE("A bar is full when the work is done, and absent where there is no room") {
  CHECK(bar(0, 10, 12) == "[>         ]");
  CHECK(bar(5, 10, 12) == "[=====>    ]");
  CHECK(bar(10, 10, 12) == "[==========]");
  CHECK(bar(20, 10, 12) == "[==========]");
  CHECK(bar(5, 10, 4).empty());
  CHECK(bar(5, 0, 12).empty());
}

TEST_CASE("Text is broken at blanks, or where it must be, and keeps its own lines") {
  using Lines = std::vector<std::string>;
  CHECK(wrapped("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrapped("one  two", 3) == Lines{"one", "two"});
  CHECK(wrapped("incomprehensible", 6) == Lines{"incomp", "rehens", "ible"});
  CHECK(wrapped("日本語", 4) == Lines{"日本", "語"});
  CHECK(wrapped("a\n\nb", 9) == Lines{"a", "", "b"});
  CHECK(wrapped("", 9) == Lines{""});
  CHECK(wrapped("a\x1b[2Jb", 20) == Lines{"a\\x1b[2Jb"});
}

TEST_CASE("Columns stand side by side where there is room for them, else one below the other") {
  const std::vector<Column> columns = {{"base", "a few words that take two lines"}, {"tuned", "one"}};
  CHECK(side_by_side(columns, 50) ==
        "base                   tuned\n"
        "---------------------  -----\n"
        "a few words that take  one\n"
        "two lines\n");
  CHECK(side_by_side(columns, 40) == "base\n  a few words that take two lines\ntuned\n  one\n");
}
