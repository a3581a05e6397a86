// YAML and its traps: what a text means, and where in it things stand.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "peft/value.h"
#include "recipe/yaml_reader.h"
#include "recipe/yaml_writer.h"

using namespace peft::host;
using peft::Value;

namespace {

Value scalar(const std::string& text) {
  Diagnostics diagnostics;
  const std::optional<Node> root = read_yaml("a: " + text + "\n", {"t"}, diagnostics);
  INFO(text);
  REQUIRE(root);
  REQUIRE(diagnostics.sorted().empty());
  return root->value().at("a");
}

std::string complaints(std::string_view yaml) {
  Diagnostics diagnostics;
  read_yaml(yaml, {"t"}, diagnostics);
  return text(diagnostics.sorted());
}

}  // namespace

TEST_CASE("A plain scalar means what YAML 1.2's core schema says") {
  CHECK(scalar("12") == Value(12));
  CHECK(scalar("-12") == Value(-12));
  CHECK(scalar("+12") == Value(12));
  CHECK(scalar("0") == Value(0));
  CHECK(scalar("0x1F") == Value(31));
  CHECK(scalar("0o17") == Value(15));
  CHECK(scalar("-9223372036854775808") == Value(std::numeric_limits<int64_t>::min()));
  CHECK(scalar("1e-4") == Value(1e-4));
  CHECK(scalar("2E+4") == Value(2e4));
  CHECK(scalar("-.5") == Value(-0.5));
  CHECK(scalar("5.") == Value(5.0));
  CHECK(scalar(".inf") == Value(std::numeric_limits<double>::infinity()));
  CHECK(scalar("-.INF") == Value(-std::numeric_limits<double>::infinity()));
  CHECK(std::isnan(scalar(".nan").as_number()));
  CHECK(scalar("true") == Value(true));
  CHECK(scalar("False") == Value(false));
  CHECK(scalar("null") == Value());
  CHECK(scalar("~") == Value());
  CHECK(scalar("") == Value());
  for (const std::string word :
       {"off", "on", "yes", "n",  "tRUE", "1_000", "1:30",  "2026-01-01", "0b11", "-0x1f", "1e",
        "e5",  ".",  "-",   "+.", "inf",  "nan",   "12abc", "a b",        "0x",   "0xg"}) {
    CHECK(scalar(word == "-" ? "'-'" : word) == Value(word));
  }
}

TEST_CASE("Quoted scalars stay text") {
  CHECK(scalar("'12'") == Value("12"));
  CHECK(scalar("\"true\"") == Value("true"));
  CHECK(scalar("''") == Value(""));
  CHECK(scalar("'null'") == Value("null"));
  CHECK(scalar("'012'") == Value("012"));
  CHECK(scalar("\"a\\tb\\u00e9\"") == Value("a\tb\xC3\xA9"));
  CHECK(scalar("|\n  12\n") == Value("12\n"));
}

TEST_CASE("Numbers that readers disagree on are refused") {
  const std::string advice =
      ", which some readers take for a decimal and others for an octal number; leave out the leading zeros, "
      "or put "
      "a text in quotes";
  for (const std::string number : {"012", "-012", "00", "+07", "08"}) {
    CHECK(complaints("a: " + number) == "t:1:4: error: found '" + number + "'" + advice);
  }
  CHECK(complaints("a: 9223372036854775808") ==
        "t:1:4: error: found '9223372036854775808', which does not fit 64 bits; write a smaller number, or a "
        "text in "
        "quotes");
  CHECK(complaints("a: 1e999") ==
        "t:1:4: error: found '1e999', which is beyond the range of a double; write a number of another size");
}

TEST_CASE("Everything knows its line and column, in bytes") {
  Diagnostics diagnostics;
  const std::optional<Node> root =
      read_yaml("# comment\r\na:\r\n  - {b: 1, 'c d': [x, y]}\r\n  -\r\n\r\nd: \xC3\xA9\r\n", {"dir/t.yaml"},
                diagnostics);
  REQUIRE(root);
  const MapEntry& a = root->entries.at(0);
  CHECK(a.key_where.text() == "dir/t.yaml:2:1");
  CHECK(a.value.where.text() == "dir/t.yaml:3:3");
  const Node& item = a.value.items.at(0);
  CHECK(item.where.text() == "dir/t.yaml:3:5");
  CHECK(item.entries.at(0).key_where.text() == "dir/t.yaml:3:6");
  CHECK(item.entries.at(0).value.where.text() == "dir/t.yaml:3:9");
  CHECK(item.entries.at(1).key == "c d");
  CHECK(item.entries.at(1).key_where.text() == "dir/t.yaml:3:12");
  CHECK(item.entries.at(1).value.items.at(1).where.text() == "dir/t.yaml:3:23");
  CHECK(root->entries.at(1).value.where.text() == "dir/t.yaml:6:4");
}

TEST_CASE("An absent value stands where its key does") {
  Diagnostics diagnostics;
  const std::optional<Node> root = read_yaml("a:\n\n\nb: 1\n", {"t"}, diagnostics);
  REQUIRE(root);
  CHECK(root->entries.at(0).value.is_null());
  CHECK(root->entries.at(0).value.where.text() == "t:1:1");
}

TEST_CASE("A byte order mark is no part of the text") {
  Diagnostics diagnostics;
  const std::optional<Node> root = read_yaml(
      "\xEF\xBB\xBF"
      "a: 1\n",
      {"t"}, diagnostics);
  REQUIRE(root);
  CHECK(root->entries.at(0).key == "a");
  CHECK(root->entries.at(0).key_where.text() == "t:1:1");
}

TEST_CASE("What YAML passes in silence is an error here") {
  CHECK(complaints("a: 1\nb: 2\na: 3\n") ==
        "t:3:1: error: the key 'a' is written twice in one map, first in line 1; remove one of them");
  CHECK(complaints("{a: 1, 'a': 2}") ==
        "t:1:8: error: the key 'a' is written twice in one map, first in line 1; remove one of them");
  CHECK(complaints("a: !!str 1\n") ==
        "t:1:4: error: found the tag 'tag:yaml.org,2002:str', which recipes do not take; leave it out, and "
        "put in "
        "quotes what is to be a text");
  CHECK(complaints("a: &x {b: 1}\nc: *x\n") ==
        "t:1:4: error: found the anchor '&x', which recipes do not take; use 'extends' to share what recipes "
        "have in "
        "common, or put a text that begins with '&' in quotes\n"
        "t:2:4: error: found an alias, which recipes do not take; write the value out, or put a text that "
        "begins with "
        "'*' in quotes");
  CHECK(
      complaints("a: {<<: {b: 1}}\n") ==
      "t:1:5: error: found the merge key '<<', which recipes do not take; use 'extends' to build on another "
      "recipe");
  CHECK(complaints("{[a]: 1}\n") ==
        "t:1:2: error: found a list as a key, expected a text; put a text that begins with '[' in quotes");
  CHECK(complaints("~: 1\n") == "t:1:1: error: found a value without a key; write the key before the ':'");
}

TEST_CASE("A glob without quotes is no alias") {
  const std::string advice =
      "error: '*' starts an alias, which recipes do not take; put a text that begins with '*' in quotes";
  CHECK_THAT(complaints("targets: [*.attn]\n"), Catch::Matchers::EndsWith(advice));
  CHECK_THAT(complaints("targets: [**.mlp.in]\n"), Catch::Matchers::EndsWith(advice));
  CHECK_THAT(complaints("targets: *\n"), Catch::Matchers::EndsWith(advice));
}

TEST_CASE("What is not YAML is one error at its place") {
  CHECK(complaints("a: b: c\n") ==
        "t:1:5: error: this is not valid YAML: illegal map value; is the indentation right? a text with ': ' "
        "in it "
        "needs quotes");
  CHECK(complaints("a:\n\tb: 1\n") ==
        "t:2:3: error: found a tab in the indentation; YAML is indented by spaces only");
  CHECK(complaints("a: [1, 2\nb: 3\n") ==
        "t:2:2: error: this is not valid YAML: end of sequence flow not found; "
        "is a ',' or ']' missing?");
  CHECK(complaints("a: @x\n") ==
        "t:1:4: error: this is not valid YAML: unknown token; a text that begins with '%', '@' or '`' needs "
        "quotes");
  CHECK(complaints("a: 'op''en\nb: 1\n") ==
        "t:1:4: error: this quote is never closed; write one where the text ends");
  CHECK(complaints("\xC3\xA9: \"op\\\"en\n") ==
        "t:1:5: error: this quote is never closed; write one where the text ends");
  CHECK(complaints("a: \"it's\"\nb: 'say \"'\n").empty());
}

TEST_CASE("One file is one document") {
  CHECK(complaints("a: 1\n---\nb: 2\n") ==
        "t:2:1: error: a second document starts here; a recipe is one document in one file");
  CHECK(complaints("---\na: 1\n...\n").empty());
}

TEST_CASE("What is not a text at all is told by its first strange byte") {
  CHECK(complaints("a: 1\nb: \xFF\xFE\n") ==
        "t:2:4: error: found a byte that is not UTF-8; save the file as UTF-8");
  CHECK(complaints(std::string_view("a: 1\0\n", 6)) ==
        "t:1:5: error: found a control character, which YAML does not take; remove it, or write it as an "
        "escape in "
        "double quotes");
  CHECK(complaints(std::string(max_yaml_bytes + 1, '#')) ==
        "t:1:1: error: found 1048577 bytes, expected at most 1048576; is this a recipe?");
}

TEST_CASE("Deep nesting is refused before it costs stack") {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(complaints(nested(max_yaml_depth)).empty());
  CHECK(complaints(nested(max_yaml_depth + 1)) ==
        "t:1:33: error: lists and maps are nested deeper than 32 levels");
  CHECK_FALSE(complaints(nested(500'000)).empty());
  std::string indented;
  for (size_t level = 0; level < 1'000; ++level) indented += std::string(level, ' ') + "a:\n";
  CHECK_FALSE(complaints(indented).empty());
}

TEST_CASE("Values written as YAML read back as they were") {
  const auto round_trip = [](const Value& value) {
    Diagnostics diagnostics;
    const std::string yaml = write_yaml(Value::Map{{"key", value}});
    const std::optional<Node> root = read_yaml(yaml, {"t"}, diagnostics);
    INFO(yaml << text(diagnostics.sorted()));
    REQUIRE(root);
    REQUIRE(diagnostics.sorted().empty());
    CHECK(root->value().at("key") == value);
  };
  for (const char* text : {"",
                           " ",
                           "a",
                           "a ",
                           "a: b",
                           "#",
                           "x #y",
                           "'",
                           "\"",
                           "\\",
                           "\n",
                           "a\nb\n",
                           "\t",
                           "~",
                           "null",
                           "true",
                           "No",
                           "off",
                           "12",
                           "012",
                           "1e5",
                           ".5",
                           "-",
                           "- a",
                           "*",
                           "&a",
                           "!x",
                           "%",
                           "@",
                           "[",
                           "{a}",
                           "a,b",
                           "? x",
                           "\x01",
                           "\x7f",
                           "\xC2\x85",
                           "\xC2\xA0",
                           "\xE2\x80\xA8",
                           "\xEF\xBB\xBF",
                           "\xF0\x9F\x98\x80",
                           "/a/b.c",
                           "hub://x/y",
                           "C:\\x",
                           "---",
                           "...",
                           "<<",
                           "=",
                           "y",
                           "\r\n"}) {
    round_trip(text);
    round_trip(Value::List{text, "x"});
    round_trip(Value::Map{{std::string("k").append(text), 1}});
  }
  for (const double number :
       {0.0, -0.0, 1.0, 2e-4, 5e-5, 0.1, 1.0 / 3.0, 1e22, 1e300, 5e-324, 1.7976931348623157e308, 123456789.0,
        -1.5e-10, std::numeric_limits<double>::infinity()}) {
    round_trip(number);
  }
  round_trip(std::numeric_limits<int64_t>::min());
  round_trip(Value::List{});
  round_trip(Value::Map{});
  round_trip(Value::List{Value::List{1, Value::List{}},
                         Value::Map{{"a", Value::List{1, Value::Map{{"b", Value()}}}}}});
  round_trip(Value::List{std::string(200, 'x'), 1});
}

TEST_CASE("Numbers are written so that YAML 1.1 readers take them for numbers too") {
  CHECK(yaml_scalar(2e-4) == "2.0e-04");
  CHECK(yaml_scalar(1.0) == "1.0");
  CHECK(yaml_scalar(0.03) == "0.03");
  CHECK(yaml_scalar(1e22) == "1.0e+22");
  CHECK(yaml_scalar("off") == "\"off\"");
}
