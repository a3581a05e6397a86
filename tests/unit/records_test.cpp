// What every format gives, on small files made here; damage is in records_errors_test, real files in
// records_real_test.
#include "records/records.h"

#include <catch2/catch.hpp>
#include <random>

#include "base/json.h"
#include "records_fixture.h"

using peft::Value;
using namespace peft::host;

TEST_CASE("A CSV's quoted fields hold separators, quotes and line ends, and nothing is converted") {
  TemporaryFolder folder;
  CHECK(folder.rows("a.csv",
                    "\xef\xbb\xbfid,text,note\r\n"
                    "001,\"two\r\nlines, \"\"quoted\"\"\",NA\r\n"
                    "\r\n"
                    "1e5, spaced ,\n"
                    "\"\",say \"hi\",\"last\"") ==
        R"([{"id": "001", "text": "two\r\nlines, \"quoted\"", "note": "NA"}, )"
        R"({"id": "1e5", "text": " spaced ", "note": ""}, )"
        R"({"id": "", "text": "say \"hi\"", "note": "last"}])");
  CHECK(folder.rows("a.tsv", "a\tb\n1,2\t\"x\ty\"\n") == R"([{"a": "1,2", "b": "x\ty"}])");
  CHECK(folder.rows("old_mac.csv", "a,b\r1,2\r3,4\r") == R"([{"a": "1", "b": "2"}, {"a": "3", "b": "4"}])");
  CHECK(folder.rows("header_only.csv", "a,b\n") == "[]");
}

TEST_CASE("Any table written as CSV reads back, wherever its rows fall in the buffer") {
  TemporaryFolder folder;
  std::mt19937 random(5);
  static const char* pieces[] = {"a",  ",", "\"", "\n", "\r\n",
                                 "\t", " ", "é",  "😀",  "long text without anything special"};
  for (int table = 0; table < 8; ++table) {
    std::string csv = "x,y,z\n";
    std::vector<Value> expected;
    for (int row = 0; row < 3000; ++row) {
      Value::Map map;
      for (const char* column : {"x", "y", "z"}) {
        std::string field, quoted = "\"";
        for (unsigned i = random() % 12; i > 0; --i) field += pieces[random() % std::size(pieces)];
        for (char byte : field) quoted += byte == '"' ? std::string("\"\"") : std::string(1, byte);
        csv += quoted + "\"" + (*column == 'z' ? "\n" : ",");
        map.emplace_back(column, Value(field));
      }
      expected.emplace_back(std::move(map));
    }
    REQUIRE(read_rows({folder.write("t.csv", csv)}) == expected);
    REQUIRE(read_rows({folder.write("t.csv.gz", gzip(csv))}) == expected);
  }
}

TEST_CASE("JSON lines give an object a line, in the order of their keys") {
  TemporaryFolder folder;
  CHECK(folder.rows("a.jsonl", "\xef\xbb\xbf{\"z\": 1, \"a\": [true, null]}\r\n\n  \n{\"z\": 2.5}") ==
        R"([{"z": 1, "a": [true, null]}, {"z": 2.5}])");
  CHECK(folder.rows("empty.jsonl", "") == "[]");
}

TEST_CASE("A .json file is an array of objects, or objects one after another") {
  TemporaryFolder folder;
  const std::string rows = R"([{"a": "]},\"{["}, {"a": {"b": [1, {"c": "\\"}]}}])";
  CHECK(folder.rows("array.json", rows) == rows);
  CHECK(folder.rows("pretty.json", dump_json(parse_json(rows), 4) + "\n") == rows);
  CHECK(folder.rows("lines.json", "{\"a\": 1}\n{\"a\": 2}\n") == R"([{"a": 1}, {"a": 2}])");
  CHECK(folder.rows("objects.json", "{\n\"a\": 1\n}\n{\n\"a\": 2\n}") == R"([{"a": 1}, {"a": 2}])");
  CHECK(folder.rows("none.json", "[ ]") == "[]");
  CHECK(folder.rows("empty.json", "") == "[]");
}

TEST_CASE("An array in a .json file streams as the whole text would parse") {
  TemporaryFolder folder;
  std::mt19937 random(9);
  Value::List list;
  for (int i = 0; i < 4000; ++i) {
    list.emplace_back(Value::Map{{"id", Value(i)},
                                 {"text", Value(std::string(random() % 400, "\"\\x]}\n"[random() % 6]))}});
  }
  CHECK(read_rows({folder.write("large.json", dump_json(Value(list), 2))}) == list);
  CHECK(read_rows({folder.write("large.json.gz", gzip(dump_json(Value(list))))}) == list);
}

TEST_CASE("A text file is rows of lines, of paragraphs, or one row") {
  TemporaryFolder folder;
  const auto file = folder.write("a.txt", "\n one \r\ntwo\n \t\n\nthree\n");
  CHECK(folder.rows(file, {}) == R"([{"text": " one "}, {"text": "two"}, {"text": "three"}])");
  CHECK(folder.rows(file, {.txt_rows = TxtRows::paragraphs}) ==
        R"([{"text": " one \ntwo"}, {"text": "three"}])");
  CHECK(folder.rows(file, {.txt_rows = TxtRows::file}) == R"([{"text": "\n one \r\ntwo\n \t\n\nthree\n"}])");
  for (TxtRows rows : {TxtRows::lines, TxtRows::paragraphs, TxtRows::file}) {
    CHECK(folder.rows(folder.write("blank.txt", " \n\n"), {.txt_rows = rows}) == "[]");
  }
}

TEST_CASE("A reader tells the row's place, and malformed UTF-8 is replaced as in Python and counted") {
  TemporaryFolder folder;
  const auto csv = folder.write("a.csv", "t\n\"x\ny\"\n\nb\xe2\x82\n");
  const auto txt = folder.write("b.txt", "\nok\xff\xfe\n");
  const auto reader = open_records({csv, txt});
  Value row;
  REQUIRE(reader->next(row));
  CHECK(reader->location().text() == csv.string() + ":2");
  REQUIRE(reader->next(row));
  CHECK(reader->location().line == 5);
  CHECK(reader->location().row == 2);
  CHECK(row.at("t").as_text() == "b\xef\xbf\xbd");  // one for the cut-off character, as Python has it
  REQUIRE(reader->next(row));
  CHECK(reader->location().text() == txt.string() + ":2");
  CHECK(reader->location().row == 1);
  CHECK_FALSE(reader->next(row));
  CHECK_FALSE(reader->next(row));
  CHECK(reader->replaced_characters() == 3);
  CHECK(folder.rows("c.jsonl", "{\"a\": \"\xff\"}") == "[{\"a\": \"\xef\xbf\xbd\"}]");
  CHECK(folder.rows("c.json", "[{\"a\": \"\xff\"}]") == "[{\"a\": \"\xef\xbf\xbd\"}]");
}

TEST_CASE("Gzip members laid end to end are one text") {
  TemporaryFolder folder;
  CHECK(folder.rows("a.jsonl.gz", gzip("{\"a\": 1}\n{\"a\"") + gzip(": 2}\n")) == R"([{"a": 1}, {"a": 2}])");
  CHECK(folder.rows("A.TXT.GZ", gzip("one")) == R"([{"text": "one"}])");
}
