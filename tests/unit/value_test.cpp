#include "peft/value.h"

#include <catch2/catch.hpp>

#include "peft/error.h"

using peft::Value;

TEST_CASE("A value keeps the order of its keys and names the type it holds when another is asked for") {
  Value value;
  value.set("b", 1);
  value.set("a", "text");
  CHECK(value.as_map()[0].first == "b");
  CHECK(value.at("a").as_text() == "text");
  CHECK(value.at("b").as_number() == 1.0);
  CHECK(value.find("c") == nullptr);
  CHECK_THROWS_WITH(value.at("c"), "expected the key 'c', found only: b, a");
  CHECK_THROWS_WITH(value.at("a").as_integer(), "expected an integer, found text");
}
