// A message that quotes half a file is still one that can be read.
#include "base/shortened.h"

#include <catch2/catch.hpp>

#include "base/utf8.h"

using namespace peft::host;
using Catch::Matchers::Contains;

TEST_CASE("A message of the usual length stays as it is") {
  CHECK(shortened("").empty());
  const std::string longest(longest_message, 'x');
  CHECK(shortened(longest) == longest);
}

TEST_CASE("Of a long message the place, which stands first, and the remedy, which stands last, are left") {
  const std::string message = "a.jsonl:2:9: error: found " + std::string(5'000'000, 'x') + ", expected text";
  const std::string left = shortened(message);
  CHECK(left.size() < longest_message + 50);
  CHECK_THAT(left, Catch::StartsWith("a.jsonl:2:9: error: found xxx") && Catch::EndsWith("x, expected text"));
  CHECK_THAT(left, Contains(" […" + std::to_string(message.size() - longest_message) + " bytes…] "));
}

TEST_CASE("No character is cut through") {
  for (size_t shift = 0; shift < 4; ++shift) {
    std::string message(shift, 'x');
    for (size_t i = 0; i < longest_message; ++i) message += "𝄞";
    const std::string left = shortened(message);
    CHECK(left.size() < message.size());
    CHECK(valid_utf8_prefix(left) == left.size());
  }
}
