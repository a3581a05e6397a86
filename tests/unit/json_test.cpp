#include "base/json.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "peft/error.h"

using peft::Value;
using peft::host::dump_json;
using peft::host::parse_json;

namespace {

std::string error_of(std::string_view text) {
  try {
    parse_json(text, {.name = "a.json"});
  } catch (const peft::Error& error) {
    return error.what();
  }
  return "no error";
}

// A random value of at most `depth` levels; maps have distinct keys.
Value random_value(std::mt19937_64& random, int depth) {
  switch (random() % (depth > 0 ? 7 : 5)) {
    case 0: return Value();
    case 1: return Value(random() % 2 == 0);
    case 2: return Value(static_cast<int64_t>(random()));
    case 3: {
      const uint64_t bits = random();
      double number;
      std::memcpy(&number, &bits, sizeof number);
      return Value(std::isfinite(number) ? number : 0.5);
    }
    case 4: {
      static const char* pieces[] = {"a", "\"", "\\", "\n", "\x01", "\x7f", "é", "😀", "/", " "};
      std::string text;
      for (uint64_t i = random() % 8; i > 0; --i) text += pieces[random() % std::size(pieces)];
      return Value(text);
    }
    case 5: {
      Value::List list;
      for (uint64_t i = random() % 5; i > 0; --i) list.push_back(random_value(random, depth - 1));
      return Value(list);
    }
    default: {
      Value::Map map;
      for (uint64_t i = random() % 5; i > 0; --i) {
        map.emplace_back("key " + std::to_string(i), random_value(random, depth - 1));
      }
      return Value(map);
    }
  }
}

}  // namespace

TEST_CASE("What is dumped reads back as the same value, bit for bit, at any indent") {
  std::mt19937_64 random(7);
  for (int i = 0; i < 2000; ++i) {
    const Value value = random_value(random, 5);
    REQUIRE(parse_json(dump_json(value)) == value);
    REQUIRE(parse_json(dump_json(value, 2)) == value);
  }
}

TEST_CASE("Keys keep the order in which they were read") {
  const Value value = parse_json(R"({"z": 1, "a": {"y": 2, "b": 3}, "m": []})");
  CHECK(dump_json(value) == R"({"z": 1, "a": {"y": 2, "b": 3}, "m": []})");
  CHECK(dump_json(value, 2) ==
        "{\n  \"z\": 1,\n  \"a\": {\n    \"y\": 2,\n    \"b\": 3\n  },\n  \"m\": []\n}");
}

TEST_CASE("Numbers are the shortest that read back, and keep their type") {
  CHECK(dump_json(Value(0.1)) == "0.1");
  CHECK(dump_json(Value(2e-4)) == "0.0002");
  CHECK(dump_json(Value(5.0)) == "5.0");
  CHECK(dump_json(Value(1.0 / 3.0)) == "0.3333333333333333");
  CHECK(parse_json("5").is_integer());
  CHECK_FALSE(parse_json("5.0").is_integer());
  CHECK(parse_json("9223372036854775807").as_integer() == std::numeric_limits<int64_t>::max());
  CHECK(parse_json("-9223372036854775808").as_integer() == std::numeric_limits<int64_t>::min());
}

TEST_CASE("An integer beyond 64 bits becomes a number") {
  CHECK(parse_json("9223372036854775808") == Value(9223372036854775808.0));
  CHECK(parse_json("1152921504606846976000") == Value(std::ldexp(1.0, 60) * 1000));
  CHECK(parse_json("-9223372036854775809") == Value(-9223372036854775808.0));
}

TEST_CASE("Not-a-number is refused on reading and written as null") {
  CHECK(error_of("NaN").starts_with("a.json:1:1: error: not valid JSON"));
  CHECK(error_of("[Infinity]").starts_with("a.json:1:2: error"));
  CHECK(error_of("1e999").find("overflow") != std::string::npos);
  CHECK(dump_json(Value(std::nan(""))) == "null");
  CHECK(dump_json(Value(-std::numeric_limits<double>::infinity())) == "null");
}

TEST_CASE("An error points at its line and column") {
  CHECK(error_of("{\n  \"a\": 1,\n  \"b\" 2\n}").starts_with("a.json:3:7: error: not valid JSON: "));
  CHECK(error_of("{} {}").starts_with("a.json:1:4: error"));
  CHECK(error_of("").starts_with("a.json:1:1: error"));
  CHECK(error_of("{\"a\": [1, 2").starts_with("a.json:1:11: error"));
  CHECK(error_of("\"\xff\"").starts_with("a.json:1:2: error"));
  CHECK(error_of("\"\\ud83d\"").find("surrogate") != std::string::npos);
  CHECK_THROWS_WITH(parse_json("{]", {.name = "f", .line = 7, .column = 5}),
                    Catch::StartsWith("f:7:6: error"));
}

TEST_CASE("A key that stands twice is refused, in small objects and large ones") {
  CHECK(error_of("{\"a\": 1,\n \"a\": 2}") ==
        "a.json:2:4: error: the key 'a' stands twice in one object; keep one of them");
  std::string large = "{";
  for (int i = 0; i < 1000; ++i) large += "\"k" + std::to_string(i) + "\": 0, ";
  CHECK(error_of(large + "\"other\": 1}") == "no error");
  CHECK(error_of(large + "\"k5\": 1}").find("'k5' stands twice") != std::string::npos);
  CHECK(error_of(large + "\"k999\": 1}").find("'k999' stands twice") != std::string::npos);
  CHECK(error_of(R"({"a": {"b": 1}, "c": {"b": 1}})") == "no error");
}

TEST_CASE("Hostile nesting is refused before it can exhaust the stack") {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(error_of(nested(peft::host::max_json_depth)) == "no error");
  CHECK(error_of(nested(peft::host::max_json_depth + 1)).find("nested deeper than 200") != std::string::npos);
  CHECK(error_of(std::string(50'000'000, '[')).find("nested deeper") != std::string::npos);
  std::string maps;
  for (int i = 0; i < 100'000; ++i) maps += "{\"a\":";
  CHECK(error_of(maps).find("nested deeper") != std::string::npos);
}

TEST_CASE("A truncated text is an error wherever it ends") {
  const std::string whole = R"({"a": [1, -2.5e3, true, null], "b": {"c": "d\u00e9\n"}})";
  REQUIRE(error_of(whole) == "no error");
  for (size_t size = 0; size < whole.size(); ++size) {
    CHECK(error_of(whole.substr(0, size)).find("not valid JSON") != std::string::npos);
  }
}

TEST_CASE("Invalid UTF-8 is never written") {
  CHECK(dump_json(Value("a\xff"
                        "b")) ==
        "\"a\xef\xbf\xbd"
        "b\"");
}
