#include "base/utc_text.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>

using peft::host::utc_text;
using namespace std::chrono;

TEST_CASE("A moment is told in UTC and to the second, whatever the machine's own time zone") {
  ::setenv("TZ", "Pacific/Auckland", 1);
  ::tzset();
  CHECK(utc_text(system_clock::time_point()) == "1970-01-01 00:00:00Z");
  CHECK(utc_text(system_clock::time_point(seconds(1'795'333'205) + milliseconds(999))) ==
        "2026-11-22 07:40:05Z");
  CHECK(utc_text(system_clock::time_point(milliseconds(-1))) == "1969-12-31 23:59:59Z");
}
