#include "peft/value.h"

#include <catch2/catch.hpp>

#include "peft/error.h"
#include "peft/shown.h"

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

TEST_CASE("A value is shown as its file has it, a long text by its beginning") {
  CHECK(peft::shown("good") == "'good'");
  CHECK(peft::shown(-7) == "-7");
  CHECK(peft::shown(0.5) == "0.5");
  CHECK(peft::shown(-1.0) == "-1.0");
  CHECK(peft::shown(true) == "true");
  CHECK(peft::shown(nullptr) == "null");
  CHECK(peft::shown(Value::List{}) == "list");
  CHECK(peft::shown(std::string(60, 'x')) == "'" + std::string(60, 'x') + "'");
  CHECK(peft::shown(std::string(59, 'x') + "é" + std::string(5000, 'y')) ==
        "'" + std::string(59, 'x') + "…'");
}
