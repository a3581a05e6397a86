#include "base/parallel.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <vector>

using peft::host::for_each_range;

TEST_CASE("Every number is worked on once, in ranges of the size asked for, whatever the threads") {
  for (const size_t count : {0, 1, 63, 64, 65, 1000}) {
    for (const size_t threads : {0, 1, 2, 7}) {
      std::vector<std::atomic<int>> times(count);
      for_each_range(count, 64, threads, [&](size_t begin, size_t end) {
        CHECK(begin % 64 == 0);
        CHECK((end - begin == 64 || end == count));
        for (size_t i = begin; i < end; ++i) ++times[i];
      });
      for (const auto& each : times) CHECK(each == 1);
    }
  }
}

TEST_CASE("Of several errors the one of the lowest range is thrown, after all threads are done") {
  for (int trial = 0; trial < 200; ++trial) {
    std::atomic<int> working = 0;
    const auto work = [&](size_t begin, size_t) {
      ++working;
      if (begin >= 30) {
        --working;
        throw std::runtime_error(std::to_string(begin));
      }
      --working;
    };
    CHECK_THROWS_WITH(for_each_range(1000, 10, 4, work), "30");
    CHECK(working == 0);
  }
}
